import { describe, expect, it } from 'vitest';
import { hashBlob } from '../../git/objects/git-hash.js';
import { fieldPath } from '../diff/field-path.js';
import type { TreeEntry } from '../diff/tree-files.js';
import { DEFAULT_YAML_LIMITS } from '../yaml-limits.js';
import type { Choice, Resolve } from './conflict.js';
import { mergeTrees, type MergedTree } from './merge-trees.js';

/** Files by path; a text alone is the file `a.yaml`. */
type Files = string | Record<string, string | Uint8Array>;

const entriesOf = (files: Files, modes: Record<string, string> = {}): TreeEntry[] =>
  Object.entries(typeof files === 'string' ? { 'a.yaml': files } : files).map(([path, text]) => {
    const content = Buffer.from(text);
    return { path, mode: modes[path] ?? '100644', oid: hashBlob(content), content, rawPath: null };
  });

function merge(base: Files, ours: Files, theirs: Files, resolve: Resolve = () => undefined): MergedTree {
  return mergeTrees(
    { base: entriesOf(base), ours: entriesOf(ours), theirs: entriesOf(theirs) },
    { limits: DEFAULT_YAML_LIMITS, definitions: [], trees: 'trees', resolve },
  );
}

const filesIn = ({ entries }: MergedTree): Record<string, string> =>
  Object.fromEntries(entries.map(({ path, content }) => [path, Buffer.from(content ?? []).toString('latin1')]));

const textIn = (merged: MergedTree, path = 'a.yaml'): string | undefined => {
  const content = merged.entries.find((entry) => entry.path === path)?.content;
  return content ? Buffer.from(content).toString() : undefined;
};

/** `of file path`, as people would name them. */
const conflictsIn = ({ conflicts }: MergedTree): string[] =>
  conflicts.map(({ of, file, steps }) => [of, file, fieldPath(steps)].join(' ').trim());

/** An object of a kind that everybody knows, with lines below `spec`. */
const app = (spec: string, head = ''): string =>
  `${head}apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: app\nspec:\n${spec}`;
const config = (data: string, name = 'settings'): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n${data}`;
const pod = (containers: string): string =>
  app(`  template:\n    spec:\n      containers:\n${containers.replaceAll(/^(?=.)/gm, '      ')}`);

interface Case {
  name: string;
  base: Files;
  ours: Files;
  theirs: Files;
  result: Files;
  conflicts?: string[];
  /** A sentence says that the text could not be kept. */
  warned?: true;
}

const FIELDS: Case[] = [
  {
    name: 'a value that only theirs has changed',
    base: config('  a: one\n  b: two\n'),
    ours: config('  a: one\n  b: ours\n'),
    theirs: config('  a: theirs\n  b: two\n'),
    result: config('  a: theirs\n  b: ours\n'),
  },
  {
    name: 'the same change on both sides',
    base: config('  a: one\n  b: two\n'),
    ours: config('  a: both\n  b: ours\n'),
    theirs: config('  a: both\n  b: two\n'),
    result: config('  a: both\n  b: ours\n'),
  },
  {
    name: 'a value that both have changed',
    base: config('  a: one\n  b: two\n'),
    ours: config('  a: ours\n  b: two\n'),
    theirs: config('  a: theirs\n  b: new\n'),
    result: config('  a: ours\n  b: new\n'),
    conflicts: ['field a.yaml data.a'],
  },
  {
    name: 'a key of theirs between keys of ours, where it is in theirs',
    base: config('  a: one\n  c: three\n'),
    ours: config('  a: ours\n  c: three\n'),
    theirs: config('  a: one\n  b: new\n  c: three\n'),
    result: config('  a: ours\n  b: new\n  c: three\n'),
  },
  {
    name: 'a key of theirs before all of ours',
    base: config('  b: two\n'),
    ours: config('  b: ours\n'),
    theirs: config('  a: new\n  b: two\n'),
    result: config('  a: new\n  b: ours\n'),
  },
  {
    name: 'both add the same key with the same value',
    base: config('  a: one\n'),
    ours: config('  a: ours\n  b: same\n'),
    theirs: config('  a: one\n  b: same\n'),
    result: config('  a: ours\n  b: same\n'),
  },
  {
    name: 'both add the same key with other values',
    base: config('  a: one\n'),
    ours: config('  a: one\n  b: ours\n'),
    theirs: config('  a: one\n  b: theirs\n'),
    result: config('  a: one\n  b: ours\n'),
    conflicts: ['field a.yaml data.b'],
  },
  {
    name: 'both delete the same key',
    base: config('  a: one\n  b: two\n  c: three\n'),
    ours: config('  a: ours\n  c: three\n'),
    theirs: config('  a: one\n  c: theirs\n'),
    result: config('  a: ours\n  c: theirs\n'),
  },
  {
    name: 'a key that theirs deletes and ours keeps as it was',
    base: config('  a: one\n  b: two\n'),
    ours: config('  a: ours\n  b: two\n'),
    theirs: config('  a: one\n'),
    result: config('  a: ours\n'),
  },
  {
    name: 'a key that theirs deletes and ours has changed',
    base: config('  a: one\n  b: two\n'),
    ours: config('  a: one\n  b: ours\n'),
    theirs: config('  a: one\n'),
    result: config('  a: one\n  b: ours\n'),
    conflicts: ['field a.yaml data.b'],
  },
  {
    name: 'a key that ours deletes and theirs has changed',
    base: config('  a: one\n  b: two\n'),
    ours: config('  a: one\n'),
    theirs: config('  a: one\n  b: theirs\n'),
    result: config('  a: one\n'),
    conflicts: ['field a.yaml data.b'],
  },
  {
    name: 'the last key deleted by one side and another added by the other',
    base: config('  a: one\n'),
    ours: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata: {}\n',
    theirs: config('  a: one\n  b: new\n'),
    result: config('  b: new\n'),
  },
  {
    name: 'all keys deleted, some by either side',
    base: config('  a: one\n  b: two\n'),
    ours: config('  a: one\n'),
    theirs: config('  b: two\n'),
    result: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata: {}\n',
  },
  {
    name: 'null of ours against a value of theirs',
    base: app('  replicas: 1\n  paused: false\n'),
    ours: app('  replicas: null\n  paused: false\n'),
    theirs: app('  replicas: 2\n  paused: false\n'),
    result: app('  replicas: null\n  paused: false\n'),
    conflicts: ['field a.yaml spec.replicas'],
  },
  {
    name: 'null of theirs, where ours has what was there',
    base: app('  replicas: 1\n  paused: false\n'),
    ours: app('  replicas: 1\n  paused: true\n'),
    theirs: app('  replicas: null\n  paused: false\n'),
    result: app('  replicas: null\n  paused: true\n'),
  },
  {
    name: 'null of ours against no key in theirs',
    base: app('  replicas: 1\n  paused: false\n'),
    ours: app('  replicas: null\n  paused: false\n'),
    theirs: app('  paused: false\n'),
    result: app('  replicas: null\n  paused: false\n'),
    conflicts: ['field a.yaml spec.replicas'],
  },
  {
    name: 'a null that stays beside a key that goes',
    base: app('  replicas: null\n  paused: false\n  x: 1\n'),
    ours: app('  replicas: null\n  paused: true\n  x: 1\n'),
    theirs: app('  replicas: null\n  paused: false\n'),
    result: app('  replicas: null\n  paused: true\n'),
  },
  {
    name: '1 of ours and "1" of theirs are two',
    base: config('  a: 2\n'),
    ours: config('  a: 1\n'),
    theirs: config('  a: "1"\n'),
    result: config('  a: 1\n'),
    conflicts: ['field a.yaml data.a'],
  },
  {
    name: 'another way to write the same value on both sides',
    base: config('  a: "x"\n  b: one\n'),
    ours: config("  a: 'x'\n  b: ours\n"),
    theirs: config('  a: x\n  b: one\n  c: new\n'),
    result: config("  a: 'x'\n  b: ours\n  c: new\n"),
  },
  {
    name: 'a mapping of ours where theirs has made a scalar of it',
    base: app('  strategy:\n    type: A\n  replicas: 1\n'),
    ours: app('  strategy:\n    type: A\n    x: 1\n  replicas: 1\n'),
    theirs: app('  strategy: B\n  replicas: 2\n'),
    result: app('  strategy:\n    type: A\n    x: 1\n  replicas: 2\n'),
    conflicts: ['field a.yaml spec.strategy'],
  },
  {
    name: 'a mapping that theirs replaces with a scalar, and ours has as it was',
    base: app('  strategy:\n    type: A\n  replicas: 1\n'),
    ours: app('  strategy:\n    type: A\n  replicas: 3\n'),
    theirs: app('  strategy: B\n  replicas: 1\n'),
    result: app('  strategy: B\n  replicas: 3\n'),
  },
  {
    name: 'mappings that both have added',
    base: app('  replicas: 1\n'),
    ours: app('  replicas: 1\n  strategy:\n    type: A\n    mine: 1\n'),
    theirs: app('  replicas: 1\n  strategy:\n    type: A\n    other: 2\n'),
    result: app('  replicas: 1\n  strategy:\n    type: A\n    other: 2\n    mine: 1\n'),
  },
  {
    name: 'an empty mapping of theirs, where ours has nothing in it but what was there',
    base: app('  selector:\n    a: b\n  replicas: 1\n'),
    ours: app('  selector:\n    a: b\n  replicas: 3\n'),
    theirs: app('  selector: {}\n  replicas: 1\n'),
    result: app('  selector: {}\n  replicas: 3\n'),
  },
  {
    name: 'a key with a dot and a slash',
    base: config('  a: one\n'),
    ours: config('  a: ours\n'),
    theirs: config('  a: one\n  example.com/b: x\n'),
    result: config('  a: ours\n  example.com/b: x\n'),
  },
  {
    name: 'a newer apiVersion of theirs',
    base: 'apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata:\n  name: p\nspec:\n  minAvailable: 1\n',
    ours: 'apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata:\n  name: p\nspec:\n  minAvailable: 2\n',
    theirs: 'apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata:\n  name: p\nspec:\n  minAvailable: 1\n',
    result: 'apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata:\n  name: p\nspec:\n  minAvailable: 2\n',
  },
];

const LISTS: Case[] = [
  {
    name: 'items by one key, each changed by another side',
    base: pod('- name: a\n  image: a:1\n- name: b\n  image: b:1\n'),
    ours: pod('- name: a\n  image: a:ours\n- name: b\n  image: b:1\n'),
    theirs: pod('- name: a\n  image: a:1\n- name: b\n  image: b:2\n'),
    result: pod('- name: a\n  image: a:ours\n- name: b\n  image: b:2\n'),
  },
  {
    name: 'items that each side adds',
    base: pod('- name: a\n  image: a:1\n'),
    ours: pod('- name: a\n  image: a:1\n- name: ours\n  image: o:1\n'),
    theirs: pod('- name: a\n  image: a:1\n- name: theirs\n  image: t:1\n'),
    result: pod('- name: a\n  image: a:1\n- name: theirs\n  image: t:1\n- name: ours\n  image: o:1\n'),
  },
  {
    name: 'an item that theirs adds before the first',
    base: pod('- name: a\n  image: a:1\n'),
    ours: pod('- name: a\n  image: a:ours\n'),
    theirs: pod('- name: first\n  image: f:1\n- name: a\n  image: a:1\n'),
    result: pod('- name: first\n  image: f:1\n- name: a\n  image: a:ours\n'),
  },
  {
    name: 'an item that theirs deletes',
    base: pod('- name: a\n  image: a:1\n- name: b\n  image: b:1\n'),
    ours: pod('- name: a\n  image: a:ours\n- name: b\n  image: b:1\n'),
    theirs: pod('- name: a\n  image: a:1\n'),
    result: pod('- name: a\n  image: a:ours\n'),
  },
  {
    name: 'an item that theirs deletes and ours has changed',
    base: pod('- name: a\n  image: a:1\n- name: b\n  image: b:1\n'),
    ours: pod('- name: a\n  image: a:1\n- name: b\n  image: b:ours\n'),
    theirs: pod('- name: a\n  image: a:2\n'),
    result: pod('- name: a\n  image: a:2\n- name: b\n  image: b:ours\n'),
    conflicts: ['field a.yaml spec.template.spec.containers[name=b]'],
  },
  {
    name: 'items that theirs has moved',
    base: pod('- name: a\n  image: a:1\n- name: b\n  image: b:1\n'),
    ours: pod('- name: a\n  image: a:ours\n- name: b\n  image: b:1\n'),
    theirs: pod('- name: b\n  image: b:1\n- name: a\n  image: a:1\n'),
    result: pod('- name: b\n  image: b:1\n- name: a\n  image: a:ours\n'),
  },
  {
    name: 'items that ours has moved',
    base: pod('- name: a\n  image: a:1\n- name: b\n  image: b:1\n'),
    ours: pod('- name: b\n  image: b:1\n- name: a\n  image: a:1\n'),
    theirs: pod('- name: a\n  image: a:2\n- name: b\n  image: b:1\n'),
    result: pod('- name: b\n  image: b:1\n- name: a\n  image: a:2\n'),
  },
  {
    name: 'items by two keys',
    base: service('- port: 53\n  protocol: TCP\n- port: 53\n  protocol: UDP\n'),
    ours: service('- port: 53\n  protocol: TCP\n  name: ours\n- port: 53\n  protocol: UDP\n'),
    theirs: service('- port: 53\n  protocol: TCP\n- port: 53\n  protocol: UDP\n  name: theirs\n'),
    result: service('- port: 53\n  protocol: TCP\n  name: ours\n- port: 53\n  protocol: UDP\n  name: theirs\n'),
  },
  {
    name: 'a key that is left out where its default is meant',
    base: service('- port: 80\n- port: 443\n'),
    ours: service('- port: 80\n  name: http\n- port: 443\n'),
    theirs: service('- port: 80\n  protocol: TCP\n- port: 443\n  protocol: TCP\n'),
    result: service('- port: 80\n  protocol: TCP\n  name: http\n- port: 443\n  protocol: TCP\n'),
  },
  {
    name: 'a list without keys that both have changed',
    base: pod('- name: a\n  args: [one]\n  image: a:1\n'),
    ours: pod('- name: a\n  args: [one, ours]\n  image: a:1\n'),
    theirs: pod('- name: a\n  args: [one, theirs]\n  image: a:2\n'),
    result: pod('- name: a\n  args: [one, ours]\n  image: a:2\n'),
    conflicts: ['field a.yaml spec.template.spec.containers[name=a].args'],
  },
  {
    name: 'a list without keys that only theirs has changed, in lines',
    base: pod('- name: a\n  args:\n  - one\n  image: a:1\n'),
    ours: pod('- name: a\n  args:\n  - one\n  image: a:ours\n'),
    theirs: pod('- name: a\n  args:\n  - one\n  - two # why\n  image: a:1\n'),
    result: pod('- name: a\n  args:\n  - one\n  - two # why\n  image: a:ours\n'),
  },
  {
    name: 'a set',
    base: meta('  finalizers:\n  - a\n  - b\n'),
    ours: meta('  finalizers:\n  - a\n  - b\n  - ours\n'),
    theirs: meta('  finalizers:\n  - b\n  - theirs\n'),
    result: meta('  finalizers:\n  - b\n  - theirs\n  - ours\n'),
  },
  {
    name: 'items with one key twice count as a whole',
    base: pod('- name: a\n  image: a:1\n- name: a\n  image: a:2\n'),
    ours: pod('- name: a\n  image: a:1\n- name: a\n  image: a:ours\n'),
    theirs: pod('- name: a\n  image: a:1\n- name: a\n  image: a:theirs\n'),
    result: pod('- name: a\n  image: a:1\n- name: a\n  image: a:ours\n'),
    conflicts: ['field a.yaml spec.template.spec.containers'],
  },
  {
    name: 'all items deleted',
    base: pod('- name: a\n  image: a:1\n- name: b\n  image: b:1\n'),
    ours: pod('- name: a\n  image: a:1\n'),
    theirs: pod('- name: b\n  image: b:1\n'),
    result: app('  template:\n    spec:\n      containers: []\n'),
  },
  {
    name: 'items of an unknown kind, by their names',
    base: custom('  parts:\n  - name: a\n    size: 1\n  - name: b\n    size: 1\n'),
    ours: custom('  parts:\n  - name: a\n    size: 3\n  - name: b\n    size: 1\n'),
    theirs: custom('  parts:\n  - name: a\n    size: 1\n  - name: b\n    size: 2\n'),
    result: custom('  parts:\n  - name: a\n    size: 3\n  - name: b\n    size: 2\n'),
  },
  {
    name: 'items of a list in a list item',
    base: pod('- name: a\n  env:\n  - name: X\n    value: "1"\n'),
    ours: pod('- name: a\n  env:\n  - name: X\n    value: "1"\n  - name: OURS\n    value: "1"\n'),
    theirs: pod('- name: a\n  env:\n  - name: X\n    value: "2"\n'),
    result: pod('- name: a\n  env:\n  - name: X\n    value: "2"\n  - name: OURS\n    value: "1"\n'),
  },
];

function service(ports: string): string {
  return `apiVersion: v1\nkind: Service\nmetadata:\n  name: s\nspec:\n  ports:\n${ports.replaceAll(/^(?=.)/gm, '  ')}`;
}
function meta(lines: string): string {
  return `apiVersion: v1\nkind: Namespace\nmetadata:\n  name: n\n${lines}`;
}
function custom(spec: string): string {
  return `apiVersion: example.com/v1\nkind: Machine\nmetadata:\n  name: m\nspec:\n${spec}`;
}

const TEXT: Case[] = [
  {
    name: 'comments above, behind and inside of what theirs changes and ours has as it was',
    base: config('  # above\n  a: one # behind\n  b: two\n'),
    ours: config('  # above\n  a: one # behind\n  b: ours\n'),
    theirs: config('  # above, new\n  a: theirs # behind, new\n  b: two\n'),
    result: config('  # above, new\n  a: theirs # behind, new\n  b: ours\n'),
  },
  {
    name: 'comments of ours at a value that theirs changes',
    base: config('  a: one\n  b: two\n'),
    ours: config('  # ours\n  a: one # mine\n  b: two\n'),
    theirs: config('  a: theirs\n  b: two\n'),
    result: config('  # ours\n  a: theirs # mine\n  b: two\n'),
  },
  {
    name: 'a setter of theirs at a value that is the same',
    base: config('  a: one\n  b: two\n'),
    ours: config('  a: one\n  b: ours\n'),
    theirs: config('  a: one # kpt-set: ${a}\n  b: two # kpt-set: ${b}\n'),
    result: config('  a: one # kpt-set: ${a}\n  b: ours # kpt-set: ${b}\n'),
  },
  {
    name: 'a setter of theirs at a list',
    base: pod('- name: a\n  args:\n  - x\n  image: a:1\n'),
    ours: pod('- name: a\n  args:\n  - x\n  image: a:ours\n'),
    theirs: pod('- name: a\n  args: # kpt-set: ${args}\n  - x\n  image: a:1\n'),
    result: pod('- name: a\n  args: # kpt-set: ${args}\n  - x\n  image: a:ours\n'),
  },
  {
    name: 'a comment that theirs takes away',
    base: config('  # why\n  a: one # kpt-set: x\n  b: two\n'),
    ours: config('  # why\n  a: ours # kpt-set: x\n  b: two\n'),
    theirs: config('  a: one\n  b: two\n'),
    result: config('  a: ours\n  b: two\n'),
  },
  {
    name: 'a comment further in, behind the last line of a block',
    base: app('  strategy:\n    type: A\n    # last\n  replicas: 1\n'),
    ours: app('  strategy:\n    type: A\n    # last\n  replicas: 3\n'),
    theirs: app('  strategy:\n    type: B\n    # last\n  paused: true\n  replicas: 1\n'),
    result: app('  strategy:\n    type: B\n    # last\n  paused: true\n  replicas: 3\n'),
  },
  {
    name: 'a license above the document',
    base: app('  replicas: 1\n', '# License of 2020\n\n'),
    ours: app('  replicas: 3\n', '# License of 2020\n\n'),
    theirs: app('  replicas: 1\n', '# License of 2021\n\n'),
    result: app('  replicas: 3\n', '# License of 2021\n\n'),
  },
  {
    name: 'quotes of ours at a value that stays',
    base: config('  a: one\n  b: two\n'),
    ours: config('  a: \'one\'\n  b: "ours"\n'),
    theirs: config('  a: one\n  b: two\n  c: new\n'),
    result: config('  a: \'one\'\n  b: "ours"\n  c: new\n'),
  },
  {
    name: 'block scalars',
    base: config('  a: |\n    one\n    two\n  b: |-\n    x\n'),
    ours: config('  a: |\n    one\n    two\n  b: |-\n    ours\n'),
    theirs: config('  a: |\n    one\n    three\n  b: |-\n    x\n'),
    result: config('  a: |\n    one\n    three\n  b: |-\n    ours\n'),
  },
  {
    name: 'a block scalar that both have changed',
    base: config('  a: |\n    one\n    two\n  b: x\n'),
    ours: config('  a: |\n    one\n    ours\n  b: x\n'),
    theirs: config('  a: |\n    one\n    theirs\n  b: y\n'),
    result: config('  a: |\n    one\n    ours\n  b: y\n'),
    conflicts: ['field a.yaml data.a'],
  },
  {
    name: 'a block scalar of theirs that holds what looks like a comment',
    base: config('  a: one\n  b: two\n'),
    ours: config('  a: one\n  b: ours\n'),
    theirs: config('  a: |\n    # no comment\n    one\n  b: two\n'),
    result: config('  a: |\n    # no comment\n    one\n  b: ours\n'),
  },
  {
    name: 'lines with another indentation on either side',
    base: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\ndata:\n  a: one\n  b: two\n',
    ours: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n    name: x\ndata:\n    a: one\n    b: ours\n',
    theirs:
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\ndata:\n  a: |\n    new\n  b: two\n  c: |\n    more\n',
    result:
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n    name: x\ndata:\n    a: |\n      new\n    b: ours\n    c: |\n      more\n',
  },
  {
    name: 'lists that are indented in ours and not in theirs',
    base: custom('  parts:\n  - name: a\n    x: 1\n  y: 1\n'),
    ours: custom('  parts:\n    - name: a\n      x: 1\n  y: 2\n'),
    theirs: custom('  parts:\n  - name: a\n    x: 3\n  - name: b\n    x: 4\n  y: 1\n'),
    result: custom('  parts:\n    - name: a\n      x: 3\n    - name: b\n      x: 4\n  y: 2\n'),
  },
  {
    name: 'mappings in brackets',
    base: app('  selector: {a: one, b: two}\n  replicas: 1\n'),
    ours: app('  selector: {a: ours, b: two}\n  replicas: 1\n'),
    theirs: app('  selector: {a: one, b: theirs, c: new}\n  replicas: 1\n'),
    result: app('  selector: {a: ours, b: theirs, c: new}\n  replicas: 1\n'),
  },
  {
    name: 'a key that goes from brackets',
    base: app('  selector: {a: one, b: two, c: three}\n'),
    ours: app('  selector: {a: ours, b: two, c: three}\n'),
    theirs: app('  selector: {a: one, c: three}\n'),
    result: app('  selector: {a: ours, c: three}\n'),
  },
  {
    name: 'lists in brackets with keys',
    base: pod('- {name: a, image: "a:1"}\n- {name: b, image: "b:1"}\n'),
    ours: pod('- {name: a, image: "a:ours"}\n- {name: b, image: "b:1"}\n'),
    theirs: pod('- {name: a, image: "a:1"}\n- {name: b, image: "b:2"}\n'),
    result: pod('- {name: a, image: "a:ours"}\n- {name: b, image: "b:2"}\n'),
  },
  {
    name: 'brackets of ours and lines of theirs',
    base: app('  selector: {a: one}\n'),
    ours: app('  selector: {a: one, b: ours}\n'),
    theirs: app('  selector:\n    a: theirs\n'),
    result: app('  selector: {a: "theirs", b: ours}\n'),
  },
  {
    name: 'JSON',
    base: {
      'a.json':
        '{\n  "apiVersion": "v1",\n  "kind": "ConfigMap",\n  "data": {\n    "a": "one",\n    "b": "two"\n  }\n}\n',
    },
    ours: {
      'a.json':
        '{\n  "apiVersion": "v1",\n  "kind": "ConfigMap",\n  "data": {\n    "a": "ours",\n    "b": "two"\n  }\n}\n',
    },
    theirs: {
      'a.json':
        '{\n  "apiVersion": "v1",\n  "kind": "ConfigMap",\n  "data": {\n    "a": "one",\n    "b": "two",\n    "c": "new"\n  }\n}\n',
    },
    result: {
      'a.json':
        '{\n  "apiVersion": "v1",\n  "kind": "ConfigMap",\n  "data": {\n    "a": "ours",\n    "b": "two",\n    "c": "new"\n  }\n}\n',
    },
  },
  {
    name: 'an anchor that stays as it is',
    base: config('  a: &x one\n  b: *x\n  c: three\n'),
    ours: config('  a: &x one\n  b: *x\n  c: ours\n'),
    theirs: config('  a: &x one\n  b: *x\n  c: three\n  d: new\n'),
    result: config('  a: &x one\n  b: *x\n  c: ours\n  d: new\n'),
  },
  {
    name: 'an anchor that theirs changes along with its aliases',
    base: config('  a: &x one\n  b: *x\n  c: three\n'),
    ours: config('  a: &x one\n  b: *x\n  c: ours\n'),
    theirs: config('  a: &x new\n  b: *x\n  c: three\n'),
    result: config('  a: &x new\n  b: *x\n  c: ours\n'),
  },
  {
    name: 'an alias of ours whose anchor theirs takes away: the document is written anew',
    base: config('  a: &x one\n  b: two\n'),
    ours: config('  a: &x one\n  b: *x\n'),
    theirs: config('  a: new\n  b: two\n'),
    result: config('  a: new\n  b: one\n'),
    warned: true,
  },
  {
    name: 'a merge key',
    base: custom('  x: &x\n    a: one\n  y:\n    <<: *x\n    b: two\n'),
    ours: custom('  x: &x\n    a: one\n  y:\n    <<: *x\n    b: ours\n'),
    theirs: custom('  x: &x\n    a: one\n  y:\n    <<: *x\n    b: two\n    c: new\n'),
    result: custom('  x: &x\n    a: one\n  y:\n    <<: *x\n    b: ours\n    c: new\n'),
  },
  {
    name: 'CRLF in ours',
    base: config('  a: one\n  b: two\n').replaceAll('\n', '\r\n'),
    ours: config('  a: one\n  b: ours\n').replaceAll('\n', '\r\n'),
    theirs: config('  a: |\n    new\n    lines\n  b: two\n').replaceAll('\n', '\r\n'),
    result: config('  a: |\n    new\n    lines\n  b: ours\n').replaceAll('\n', '\r\n'),
  },
  {
    name: 'CRLF in ours alone',
    base: config('  a: one\n  b: two\n'),
    ours: config('  a: one\n  b: ours\n').replaceAll('\n', '\r\n'),
    theirs: config('  a: one\n  b: two\n  c: new\n'),
    result: config('  a: one\n  b: ours\n  c: new\n').replaceAll('\n', '\r\n'),
  },
  {
    name: 'no line break at the end of ours',
    base: config('  a: one\n  b: two'),
    ours: config('  a: one\n  b: ours'),
    theirs: config('  a: one\n  b: two\n  c: new\n'),
    result: config('  a: one\n  b: ours\n  c: new'),
  },
  {
    name: 'a key twice: the last counts, and the first stays',
    base: config('  a: one\n  a: two\n  b: x\n'),
    ours: config('  a: one\n  a: two\n  b: ours\n'),
    theirs: config('  a: one\n  a: theirs\n  b: x\n'),
    result: config('  a: one\n  a: theirs\n  b: ours\n'),
  },
  {
    name: 'a number as ours and theirs wrote it',
    base: app('  replicas: 1\n  mode: 0644\n'),
    ours: app('  replicas: 3\n  mode: 0644\n'),
    theirs: app('  replicas: 1\n  mode: 0o755\n'),
    result: app('  replicas: 3\n  mode: 0o755\n'),
  },
  {
    name: 'blank lines between keys',
    base: config('  a: one\n\n  b: two\n\n  c: three\n'),
    ours: config('  a: one\n\n  b: ours\n\n  c: three\n'),
    theirs: config('  a: new\n\n  b: two\n\n  x: y\n\n  c: three\n'),
    result: config('  a: new\n\n  b: ours\n\n  x: y\n\n  c: three\n'),
  },
];

const OBJECTS: Case[] = [
  {
    name: 'several documents in a file, each changed by another side',
    base: `${config('  a: one\n', 'x')}---\n${config('  a: one\n', 'y')}`,
    ours: `${config('  a: ours\n', 'x')}---\n${config('  a: one\n', 'y')}`,
    theirs: `${config('  a: one\n', 'x')}---\n${config('  a: theirs\n', 'y')}`,
    result: `${config('  a: ours\n', 'x')}---\n${config('  a: theirs\n', 'y')}`,
  },
  {
    name: 'a document that theirs adds in the middle',
    base: `${config('  a: one\n', 'x')}---\n${config('  a: one\n', 'y')}`,
    ours: `${config('  a: ours\n', 'x')}---\n${config('  a: one\n', 'y')}`,
    theirs: `${config('  a: one\n', 'x')}---\n${config('  b: new\n', 'm')}---\n${config('  a: one\n', 'y')}`,
    result: `${config('  a: ours\n', 'x')}---\n${config('  b: new\n', 'm')}---\n${config('  a: one\n', 'y')}`,
  },
  {
    name: 'the first document deleted by theirs',
    base: `${config('  a: one\n', 'x')}---\n${config('  a: one\n', 'y')}`,
    ours: `${config('  a: one\n', 'x')}---\n${config('  a: ours\n', 'y')}`,
    theirs: config('  a: one\n', 'y'),
    result: config('  a: ours\n', 'y'),
  },
  {
    name: 'an object that theirs deletes and ours has changed',
    base: { 'a.yaml': config('  a: one\n'), 'b.yaml': config('  b: one\n', 'b') },
    ours: { 'a.yaml': config('  a: ours\n'), 'b.yaml': config('  b: one\n', 'b') },
    theirs: { 'b.yaml': config('  b: one\n', 'b') },
    result: { 'a.yaml': config('  a: ours\n'), 'b.yaml': config('  b: one\n', 'b') },
    conflicts: ['object a.yaml'],
  },
  {
    name: 'an object that ours deletes and theirs has changed',
    base: { 'a.yaml': config('  a: one\n'), 'b.yaml': config('  b: one\n', 'b') },
    ours: { 'b.yaml': config('  b: one\n', 'b') },
    theirs: { 'a.yaml': config('  a: theirs\n'), 'b.yaml': config('  b: one\n', 'b') },
    result: { 'b.yaml': config('  b: one\n', 'b') },
    conflicts: ['object a.yaml'],
  },
  {
    name: 'an object that both have deleted',
    base: { 'a.yaml': config('  a: one\n'), 'b.yaml': config('  b: one\n', 'b') },
    ours: { 'b.yaml': config('  b: ours\n', 'b') },
    theirs: { 'b.yaml': config('  b: one\n', 'b') },
    result: { 'b.yaml': config('  b: ours\n', 'b') },
  },
  {
    name: 'the same object added by both, each with fields of its own',
    base: { 'b.yaml': config('  b: one\n', 'b') },
    ours: { 'b.yaml': config('  b: one\n', 'b'), 'a.yaml': config('  a: same\n  mine: 1\n') },
    theirs: { 'b.yaml': config('  b: one\n', 'b'), 'a.yaml': config('  a: same\n  other: 2\n') },
    result: { 'b.yaml': config('  b: one\n', 'b'), 'a.yaml': config('  a: same\n  other: 2\n  mine: 1\n') },
  },
  {
    name: 'a document that ours has moved to another file',
    base: { 'a.yaml': `${config('  a: one\n', 'x')}---\n${config('  a: one\n', 'y')}` },
    ours: { 'a.yaml': config('  a: one\n', 'x'), 'y.yaml': config('  a: one\n', 'y') },
    theirs: { 'a.yaml': `${config('  a: one\n', 'x')}---\n${config('  a: theirs\n', 'y')}` },
    result: { 'a.yaml': config('  a: one\n', 'x'), 'y.yaml': config('  a: theirs\n', 'y') },
  },
  {
    name: 'a document that theirs has moved to another file',
    base: { 'a.yaml': `${config('  a: one\n', 'x')}---\n${config('  a: one\n', 'y')}` },
    ours: { 'a.yaml': `${config('  a: one\n', 'x')}---\n${config('  a: ours\n', 'y')}` },
    theirs: { 'a.yaml': config('  a: one\n', 'x'), 'y.yaml': config('  a: one\n', 'y') },
    result: { 'a.yaml': config('  a: one\n', 'x'), 'y.yaml': config('  a: ours\n', 'y') },
  },
  {
    name: 'a file that theirs has renamed',
    base: { 'a.yaml': config('  a: one\n  b: two\n') },
    ours: { 'a.yaml': config('  a: ours\n  b: two\n') },
    theirs: { 'settings.yaml': config('  a: one\n  b: theirs\n') },
    result: { 'settings.yaml': config('  a: ours\n  b: theirs\n') },
  },
  {
    name: 'an object that ours has given another namespace',
    base: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n  namespace: example\ndata:\n  a: one\n',
    ours: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n  namespace: production\ndata:\n  a: one\n',
    theirs: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n  namespace: example\ndata:\n  a: theirs\n',
    result: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n  namespace: production\ndata:\n  a: theirs\n',
  },
  {
    name: 'an object that ours has renamed',
    base: config('  a: one\n', 'example'),
    ours: config('  a: one\n', 'mine'),
    theirs: config('  a: theirs\n', 'example'),
    result: config('  a: theirs\n', 'mine'),
  },
  {
    name: 'an object that theirs has renamed',
    base: config('  a: one\n  b: two\n', 'example'),
    ours: config('  a: ours\n  b: two\n', 'example'),
    theirs: config('  a: one\n  b: theirs\n', 'sample'),
    result: config('  a: ours\n  b: theirs\n', 'sample'),
  },
  {
    name: 'an object that ours has renamed in another file, as its annotation says',
    base: { 'a.yaml': config('  a: one\n', 'example'), 'b.yaml': config('  b: x\n', 'b') },
    ours: { 'a.yaml': renamed('  a: one\n'), 'b.yaml': config('  b: x\n', 'b') },
    theirs: { 'a.yaml': config('  a: theirs\n', 'example'), 'b.yaml': config('  b: x\n', 'b') },
    result: { 'a.yaml': renamed('  a: theirs\n'), 'b.yaml': config('  b: x\n', 'b') },
  },
  {
    name: 'an object whose kind a definition describes: its lists by the keys of that',
    base: { 'crd.yaml': definition(), 'a.yaml': custom('  parts:\n  - id: a\n    size: 1\n  - id: b\n    size: 1\n') },
    ours: { 'crd.yaml': definition(), 'a.yaml': custom('  parts:\n  - id: a\n    size: 3\n  - id: b\n    size: 1\n') },
    theirs: {
      'crd.yaml': definition(),
      'a.yaml': custom('  parts:\n  - id: a\n    size: 1\n  - id: b\n    size: 2\n'),
    },
    result: {
      'crd.yaml': definition(),
      'a.yaml': custom('  parts:\n  - id: a\n    size: 3\n  - id: b\n    size: 2\n'),
    },
  },
  {
    name: 'objects without names, by their place in the file',
    base: {
      'kustomization.yaml':
        'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nnamespace: a\nnamePrefix: x\n',
    },
    ours: {
      'kustomization.yaml':
        'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nnamespace: ours\nnamePrefix: x\n',
    },
    theirs: {
      'kustomization.yaml':
        'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nnamespace: a\nnamePrefix: y\n',
    },
    result: {
      'kustomization.yaml':
        'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nnamespace: ours\nnamePrefix: y\n',
    },
  },
  {
    name: 'a document of nothing but comments stays',
    base: `# About all\n---\n${config('  a: one\n')}`,
    ours: `# About all\n---\n${config('  a: ours\n')}`,
    theirs: `# About all\n---\n${config('  a: one\n  b: new\n')}`,
    result: `# About all\n---\n${config('  a: ours\n  b: new\n')}`,
  },
];

function renamed(data: string): string {
  return config(data, 'mine').replace(
    '  name: mine\n',
    "  name: mine\n  annotations:\n    internal.kpt.dev/upstream-identifier: '|ConfigMap|default|example'\n",
  );
}
function definition(): string {
  return `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: machines.example.com
spec:
  group: example.com
  names: {kind: Machine, plural: machines}
  versions:
  - name: v1
    schema:
      openAPIV3Schema:
        properties:
          spec:
            properties:
              parts:
                x-kubernetes-list-type: map
                x-kubernetes-list-map-keys: [id]
                items:
                  properties: {id: {type: string}, size: {type: integer}}
`;
}

const kptfile = (lines: string, name = 'app'): Files => ({
  Kptfile: `apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: ${name}\n${lines}`,
});
const mutators = (functions: string): string => `pipeline:\n  mutators:\n${functions.replaceAll(/^(?=.)/gm, '  ')}`;

const FILES: Case[] = [
  {
    name: 'lines of a text, far from each other',
    base: { 'README.md': 'one\ntwo\nthree\nfour\nfive\n' },
    ours: { 'README.md': 'ours\ntwo\nthree\nfour\nfive\n' },
    theirs: { 'README.md': 'one\ntwo\nthree\nfour\ntheirs\n' },
    result: { 'README.md': 'ours\ntwo\nthree\nfour\ntheirs\n' },
  },
  {
    name: 'the same lines of a text',
    base: { 'README.md': 'one\ntwo\nthree\nfour\n' },
    ours: { 'README.md': 'one\nours\nthree\nfour\n' },
    theirs: { 'README.md': 'one\ntheirs\nthree\nnew\n' },
    result: { 'README.md': 'one\nours\nthree\nnew\n' },
    conflicts: ['lines README.md'],
  },
  {
    name: 'YAML that holds no objects, by lines',
    base: { 'values.yaml': 'a: 1\nb: 2\nc: 3\nd: 4\n' },
    ours: { 'values.yaml': 'a: 9\nb: 2\nc: 3\nd: 4\n' },
    theirs: { 'values.yaml': 'a: 1\nb: 2\nc: 3\nd: 8\n' },
    result: { 'values.yaml': 'a: 9\nb: 2\nc: 3\nd: 8\n' },
  },
  {
    name: 'broken YAML of ours, by lines',
    base: config('  a: one\n  b: two\n  c: three\n'),
    ours: config('  a: [one\n  b: two\n  c: three\n'),
    theirs: config('  a: one\n  b: two\n  c: theirs\n'),
    result: config('  a: [one\n  b: two\n  c: theirs\n'),
  },
  {
    name: 'a file that only ours has, and one that only theirs has',
    base: { x: 'x\n' },
    ours: { x: 'x\n', ours: 'o\n' },
    theirs: { x: 'x\n', theirs: 't\n' },
    result: { x: 'x\n', ours: 'o\n', theirs: 't\n' },
  },
  {
    name: 'a text that theirs deletes and ours has changed',
    base: { x: 'x\n' },
    ours: { x: 'ours\n' },
    theirs: {},
    result: { x: 'ours\n' },
    conflicts: ['file x'],
  },
  {
    name: 'a text that both have added',
    base: {},
    ours: { x: 'ours\n' },
    theirs: { x: 'theirs\n' },
    result: { x: 'ours\n' },
    conflicts: ['file x'],
  },
  {
    name: 'bytes that are no text, changed by both',
    base: { x: Buffer.from([0, 1]) },
    ours: { x: Buffer.from([0, 2]) },
    theirs: { x: Buffer.from([0, 3]) },
    result: { x: '\u0000\u0002' },
    conflicts: ['file x'],
  },
  {
    name: 'bytes that are no text, changed by theirs',
    base: { x: Buffer.from([0, 1]), y: 'y\n' },
    ours: { x: Buffer.from([0, 1]), y: 'ours\n' },
    theirs: { x: Buffer.from([0, 3]), y: 'y\n' },
    result: { x: '\u0000\u0003', y: 'ours\n' },
  },
  {
    name: 'a newer version of a function, and its configuration changed by ours',
    base: kptfile(mutators('- image: gcr.io/fn/set-labels:v0.1\n  configMap:\n    a: one\n')),
    ours: kptfile(mutators('- image: gcr.io/fn/set-labels:v0.1\n  configMap:\n    a: ours\n')),
    theirs: kptfile(mutators('- image: gcr.io/fn/set-labels:v0.2\n  configMap:\n    a: one\n')),
    result: kptfile(mutators('- image: gcr.io/fn/set-labels:v0.2\n  configMap:\n    a: ours\n')),
  },
  {
    name: 'functions that each side adds, behind what they follow there',
    base: kptfile(mutators('- image: fn/a:v1\n- image: fn/b:v1\n')),
    ours: kptfile(mutators('- image: fn/a:v1\n- image: fn/b:v1\n- image: fn/ours:v1\n')),
    theirs: kptfile(mutators('- image: fn/a:v1\n- image: fn/new:v1\n- image: fn/b:v2\n')),
    result: kptfile(mutators('- image: fn/a:v1\n- image: fn/new:v1\n- image: fn/b:v2\n- image: fn/ours:v1\n')),
  },
  {
    name: 'functions with names',
    base: kptfile(mutators('- name: first\n  image: fn/x:v1\n- name: second\n  image: fn/x:v1\n')),
    ours: kptfile(
      mutators('- name: first\n  image: fn/x:v1\n  configMap:\n    a: ours\n- name: second\n  image: fn/x:v1\n'),
    ),
    theirs: kptfile(mutators('- name: first\n  image: fn/x:v2\n- name: second\n  image: fn/x:v2\n')),
    result: kptfile(
      mutators('- name: first\n  image: fn/x:v2\n  configMap:\n    a: ours\n- name: second\n  image: fn/x:v2\n'),
    ),
  },
  {
    name: "the package's own name, its upstream and its inventory",
    base: kptfile('info:\n  description: one\n', 'blueprint'),
    ours: kptfile('upstream:\n  type: git\ninfo:\n  description: one\ninventory:\n  name: i\n', 'mine'),
    theirs: kptfile('info:\n  description: theirs\n  site: x\n', 'renamed'),
    result: kptfile('upstream:\n  type: git\ninfo:\n  description: theirs\n  site: x\ninventory:\n  name: i\n', 'mine'),
  },
  {
    name: "the package's own name, where it is that of the base",
    base: kptfile('info:\n  description: one\n', 'blueprint'),
    ours: kptfile('info:\n  description: ours\n', 'blueprint'),
    theirs: kptfile('info:\n  description: one\n  site: x\n', 'renamed'),
    result: kptfile('info:\n  description: ours\n  site: x\n', 'blueprint'),
  },
  {
    name: "the package's own name, where ours has changed nothing",
    base: kptfile('info:\n  description: one\n', 'blueprint'),
    ours: kptfile('info:\n  description: one\n', 'blueprint'),
    theirs: kptfile('info:\n  description: one\n  site: x\n', 'renamed'),
    result: kptfile('info:\n  description: one\n  site: x\n', 'blueprint'),
  },
  {
    name: 'a package below it, changed by both',
    base: { ...subpackage('db'), 'db/a.yaml': config('  a: one\n  b: two\n') },
    ours: { ...subpackage('db'), 'db/a.yaml': config('  a: ours\n  b: two\n') },
    theirs: { ...subpackage('db'), 'db/a.yaml': config('  a: one\n  b: theirs\n') },
    result: { ...subpackage('db'), 'db/a.yaml': config('  a: ours\n  b: theirs\n') },
  },
  {
    name: 'a package below it that only ours has, with objects of the names of others',
    base: { 'a.yaml': config('  a: one\n') },
    ours: { 'a.yaml': config('  a: one\n'), ...subpackage('own'), 'own/a.yaml': config('  a: other\n') },
    theirs: { 'a.yaml': config('  a: theirs\n') },
    result: { 'a.yaml': config('  a: theirs\n'), ...subpackage('own'), 'own/a.yaml': config('  a: other\n') },
  },
  {
    name: 'a package below it that ours has deleted and theirs has changed: nothing comes back',
    base: { x: 'x\n', ...subpackage('db'), 'db/a.yaml': config('  a: one\n') },
    ours: { x: 'x\n' },
    theirs: {
      x: 'x\n',
      ...subpackage('db'),
      'db/a.yaml': config('  a: theirs\n'),
      'db/new.yaml': config('  n: 1\n', 'n'),
    },
    result: { x: 'x\n' },
    conflicts: ['package db'],
  },
  {
    name: 'a package below it that ours has deleted and theirs has as it was',
    base: { x: 'x\n', ...subpackage('db') },
    ours: { x: 'x\n' },
    theirs: { x: 'new\n', ...subpackage('db') },
    result: { x: 'new\n' },
  },
  {
    name: 'a package below it that theirs adds',
    base: { x: 'x\n' },
    ours: { x: 'ours\n' },
    theirs: { x: 'x\n', ...subpackage('db'), 'db/a.yaml': config('  a: one\n') },
    result: { x: 'ours\n', ...subpackage('db'), 'db/a.yaml': config('  a: one\n') },
  },
];

function subpackage(folder: string): Record<string, string> {
  return { [`${folder}/Kptfile`]: `apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: ${folder}\n` };
}

const asFiles = (files: Files): Record<string, string> =>
  Object.fromEntries(
    entriesOf(files).map(({ path, content }) => [path, Buffer.from(content ?? []).toString('latin1')]),
  );

describe.each([
  { about: 'fields', cases: FIELDS },
  { about: 'lists', cases: LISTS },
  { about: 'text', cases: TEXT },
  { about: 'objects', cases: OBJECTS },
  { about: 'files', cases: FILES },
])('merging three versions: $about', ({ cases }) => {
  it.each(cases)('$name', ({ base, ours, theirs, result, conflicts = [], warned = false }) => {
    const merged = merge(base, ours, theirs);
    expect(filesIn(merged)).toEqual(asFiles(result));
    expect(conflictsIn(merged)).toEqual(conflicts);
    expect(merged.warnings).toHaveLength(warned ? 1 : 0);
  });

  it.each(cases)('$name, from either side: the same conflicts', ({ base, ours, theirs }) => {
    const [one, other] = [merge(base, ours, theirs), merge(base, theirs, ours)];
    expect(other.conflicts.length).toBe(one.conflicts.length);
  });
});

describe('a conflict', () => {
  const base = config('  a: one\n  b: two\n');
  const ours = config('  a: ours\n  b: two\n');
  const theirs = config('  a: theirs # why\n  b: new\n');

  it.each<{ choice: Choice; text: string }>([
    { choice: 'ours', text: config('  a: ours # why\n  b: new\n') },
    { choice: 'theirs', text: config('  a: theirs # why\n  b: new\n') },
    { choice: 'base', text: config('  a: one # why\n  b: new\n') },
    { choice: { value: 'mine' }, text: config('  a: mine # why\n  b: new\n') },
    { choice: { value: undefined }, text: config('  b: new\n') },
  ])('is settled by $choice', ({ choice, text }) => {
    const merged = merge(base, ours, theirs, () => choice);
    expect(textIn(merged)).toBe(text);
    expect(merged.conflicts).toMatchObject([{ resolution: choice }]);
  });

  it('has an identity that depends on the trees and on what it is about alone', () => {
    const [first, again] = [merge(base, ours, theirs), merge(base, ours, theirs, () => 'theirs')];
    expect(again.conflicts.map(({ id }) => id)).toEqual(first.conflicts.map(({ id }) => id));
    const two = merge(config('  a: 1\n  b: 1\n'), config('  a: 2\n  b: 2\n'), config('  a: 3\n  b: 3\n'));
    expect(new Set(two.conflicts.map(({ id }) => id)).size).toBe(2);
  });
});
