import { isMapping, scalarOf, scalarsOf } from '../values.js';
import type { ClassRule } from './change-class.js';

const KUSTOMIZE = 'kustomize.config.k8s.io';
const NUMBERS = /(?:^|\.)(?:replicas|minReplicas|maxReplicas|parallelism)$/;

const isText = (value: unknown): boolean => typeof value === 'string';
const isNumber = (value: unknown): boolean => ['number', 'bigint'].includes(typeof scalarOf(value));
const isConfigObject = (kind: string, group: string): boolean =>
  group === '' && (kind === 'ConfigMap' || kind === 'Secret');

/** An image, its tag or its digest. */
export const isImage: ClassRule = ({ place, from, to }, { group, kind }) => {
  if (isConfigObject(kind, group) || place.startsWith('metadata.')) return false;
  if (group === KUSTOMIZE) return /^images\[\](?:\.(?:newTag|newName|digest))?$/.test(place);
  return /(?:^|\.)image(?:\.reference)?$/.test(place) && (isText(from) || isText(to));
};

/** How many of something run at once. */
export const isReplicas: ClassRule = ({ place, from, to }, { group }) => {
  if (group === KUSTOMIZE) return /^replicas\[\](?:\.count)?$/.test(place);
  return NUMBERS.test(place) && (isNumber(from) || isNumber(to));
};

/** What containers ask for and may use, what volumes hold, and the bounds of that in a namespace. */
export const isResources: ClassRule = ({ place }, { group, kind }) => {
  if (kind === 'ResourceQuota') return /^spec\.hard(?:\.|$)/.test(place);
  if (kind === 'LimitRange') return /^spec\.limits(?:\[|\.|$)/.test(place);
  if (kind === 'PersistentVolume' && group === '') return place.startsWith('spec.capacity');
  return /(?:^|\.)resources\.(?:limits|requests|claims)(?:[.[]|$)|\.(?:resizePolicy|emptyDir\.sizeLimit)$|\.overhead\./.test(
    place,
  );
};

/** A container or a volume less; what a kustomization no longer brings along; an object that is gone. */
export const isRemoval: ClassRule = ({ place, from, to }, { group }) => {
  if (group === KUSTOMIZE && /^(?:resources|bases|components)$/.test(place)) {
    const left = new Set(scalarsOf(to));
    return scalarsOf(from).some((name) => !left.has(name));
  }
  return (
    from !== undefined &&
    to === undefined &&
    /^$|(?:^|\.)(?:containers|initContainers|ephemeralContainers|volumes)\[\]$/.test(place)
  );
};

/** What programs are told: data of ConfigMaps and Secrets, environments, arguments, mounts, kustomizations and pipelines. */
export const isConfiguration: ClassRule = ({ place }, { group, kind }) => {
  if (isConfigObject(kind, group)) return /^(?:data|binaryData|stringData)(?:\.|$)/.test(place);
  if (group === KUSTOMIZE) return !/^(?:metadata|apiVersion|kind)(?:\.|$)/.test(place) && place !== '';
  if (kind === 'Kptfile') return place.startsWith('pipeline');
  if (kind === 'HelmRelease') return /^spec\.(?:values|valuesFrom)\b/.test(place);
  return /[cC]ontainers\[\]\.(?:env|envFrom|command|args|volumeMounts|workingDir)(?:[[.]|$)|\.volumes(?:\[|$)/.test(
    place,
  );
};

/** Labels, annotations and whatever else is under `metadata`, of pods as well. */
export const isMetadata: ClassRule = ({ place, from, to }) =>
  /(?:^|\.)metadata(?:\.|$)/.test(place) && (place !== 'metadata' || isMapping(from) || isMapping(to));
