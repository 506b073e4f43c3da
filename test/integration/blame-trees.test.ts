import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blameVersions, type BlameVersion } from '../../src/krm/blame/blame-versions.js';
import { parseFieldPath, type Step } from '../../src/krm/diff/field-path.js';
import type { FoundObject } from '../../src/krm/diff/object-pairs.js';
import { groupVersion } from '../../src/krm/diff/object-shape.js';
import { isSameQuantity } from '../../src/krm/diff/quantity.js';
import { readObjects } from '../../src/krm/diff/read-objects.js';
import { isMapping, isSame, scalarOf } from '../../src/krm/diff/values.js';
import { DEFAULT_YAML_LIMITS as limits } from '../../src/krm/yaml-limits.js';
import { CORPORA, hasCorpora } from '../support/corpora.js';
import { GitTrees } from '../support/git-trees.js';

/** Packages of each catalog; `BLAME_PACKAGES=1000` takes them all, with each of their versions. */
const PACKAGES = Number(process.env.BLAME_PACKAGES ?? 2);
const CATALOGS = ['nephio-catalog', 'nephio-example-packages', 'kpt-samples', 'pkgserver-demo-catalog'];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'blame-'));
});
afterAll(() => rm(folder, { recursive: true }));

type Objects = ReadonlyMap<string, FoundObject | null>;

const nameOf = ({ apiVersion, kind, namespace, name, path }: FoundObject): string =>
  name === null || kind === 'Kptfile'
    ? `${path} ${kind}`
    : [groupVersion(apiVersion).group, kind, namespace, name].join('|');

/** The objects of a version by name; null for those of which there are several. */
function objectsOf({ entries }: BlameVersion): Objects {
  const found = new Map<string, FoundObject | null>();
  for (const { path, mode, content } of entries) {
    if (!mode.startsWith('100') || content === null) continue;
    for (const object of readObjects(path, content, limits).objects)
      found.set(nameOf(object), found.has(nameOf(object)) ? null : object);
  }
  return found;
}

/** The value at a path, looked for step by step. */
function valueAt(value: unknown, steps: readonly Step[]): unknown {
  return steps.reduce<unknown>((at, step) => {
    if (typeof step === 'string') return isMapping(at) ? at.get(step) : undefined;
    if (!Array.isArray(at)) return undefined;
    return at.find((item: unknown) =>
      'keys' in step
        ? step.keys.every(([key, wanted]) => isMapping(item) && keyOf(key, item.get(key)) === wanted)
        : scalarOf(item) === step.value,
    );
  }, value);
}

/** What a list's item is found by: a function without its version, a port with the protocol that it does not say. */
function keyOf(key: string, value: unknown): unknown {
  if (key === 'image' && typeof value === 'string') return value.replace(/(?:@.*|:[^:/]*)$/, '');
  return scalarOf(value ?? 'TCP');
}

function has(objects: Objects | undefined, name: string, path: string, value: unknown): boolean {
  const found = valueAt(objects?.get(name)?.value, parseFieldPath(path) ?? []);
  if (found === undefined) return false;
  const isQuantity = /\.(?:limits|requests)\.[^.]+$|\.sizeLimit$/.test(path);
  return isSame(found, value) || (isQuantity && isSameQuantity(scalarOf(found), scalarOf(value)));
}

/** Walks all versions for each field of the last one. Gives how many fields it looked at. */
function expectAgreement(versions: readonly BlameVersion[]): number {
  const objects = versions.map(objectsOf);
  const walk = (name: string, path: string, from: number): number[] => {
    const value = valueAt(objects[from]?.get(name)?.value, parseFieldPath(path) ?? []);
    let at = from;
    for (let next = versions[at]?.previous ?? null; next !== null && has(objects[next], name, path, value);) {
      at = next;
      next = versions[at]?.previous ?? null;
    }
    const upstream = versions[at]?.upstream ?? null;
    return upstream !== null && has(objects[upstream], name, path, value) ? [at, ...walk(name, path, upstream)] : [at];
  };
  let count = 0;
  const last = versions.length - 1;
  for (const object of blameVersions(versions, { limits, definitions: [], secretsKey: null }).objects) {
    const [name] = [...(objects[last] ?? [])].find(([, found]) => found && sameAs(found, object)) ?? [];
    if (name === undefined || objects.some((each) => each.get(name) === null)) continue;
    // With packages inside, the Kptfile of one may be that of another elsewhere.
    if (object.kind === 'Kptfile' && objects.some((each) => kptfilesIn(each) > 1)) continue;
    for (const { path, setters } of object.fields) {
      expect([name, path, setters]).toEqual([name, path, walk(name, path, last)]);
      count += 1;
    }
  }
  return count;
}

const kptfilesIn = (objects: Objects): number => [...objects.keys()].filter((name) => name.endsWith(' Kptfile')).length;

const sameAs = (found: FoundObject, told: Omit<FoundObject, 'value' | 'nth' | 'upstream'>): boolean =>
  found.path === told.path &&
  found.kind === told.kind &&
  found.name === told.name &&
  found.namespace === told.namespace;

describe.skipIf(!hasCorpora)('who set the fields of published revisions', () => {
  it.each(CATALOGS)('of %s is what a walk through all versions says', async (catalog) => {
    const trees = await GitTrees.make(folder, catalog, join(CORPORA, `${catalog}.bundle`));
    const packages = (await trees.versions()).toSorted((a, b) => b.length - a.length).slice(0, PACKAGES);
    let count = 0;
    let upstream: BlameVersion[] = [];
    for (const refs of packages) {
      const entries = [];
      for (const ref of refs) entries.push(await trees.entries(await trees.treeOf(ref)));
      // As if it were cloned from the package before it, and upgraded last.
      const own = entries.map((each, at) => ({
        entries: each,
        previous: at === 0 ? null : upstream.length + at - 1,
        upstream: upstream.length > 0 && (at === 0 || at === refs.length - 1) ? upstream.length - 1 : null,
      }));
      for (const [at] of own.entries()) count += expectAgreement([...upstream, ...own.slice(0, at + 1)]);
      upstream = own.map(({ entries: each, previous }, at) => ({
        ...{ entries: each, upstream: null, previous: previous === null ? null : at - 1 },
      }));
    }
    expect(count).toBeGreaterThan(50);
  });
});
