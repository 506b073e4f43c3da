import type { KrmObject } from './krm-object.js';
import { parseKrm } from './parse.js';
import type { YamlLimits } from './yaml-limits.js';

const LOCAL_CONFIG = 'config.kubernetes.io/local-config';
/** What tools read beside the objects; no cluster knows it. */
const TOOL_GROUPS = ['kpt.dev', 'kustomize.config.k8s.io'];
/** YAML ends every document at such a line, also within a scalar. */
const DOCUMENT_START = /^---(?=\s|$)/m;

/**
 * The documents of a YAML file that are meant for a cluster, as they are written. A list is one document: it is left out
 * only where none of its items is meant for a cluster.
 */
export function manifestsOf(bytes: Uint8Array, limits: YamlLimits): string[] {
  const text = new TextDecoder().decode(bytes);
  return text.split(DOCUMENT_START).flatMap((part) => {
    const document = part.replace(/^(?:%.*\r?\n)+/, '').trim();
    const { objects } = parseKrm(Buffer.from(document), limits);
    return objects.some(isForCluster) ? [document] : [];
  });
}

function isForCluster({ apiVersion, annotations }: KrmObject): boolean {
  return annotations[LOCAL_CONFIG] !== 'true' && !TOOL_GROUPS.includes(apiVersion.split('/')[0] ?? '');
}
