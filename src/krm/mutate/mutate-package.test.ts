import { describe, expect, it } from 'vitest';
import type { Mutation } from '../../domain/mutation.js';
import { hashBlob } from '../../git/objects/git-hash.js';
import type { TreeEntry } from '../diff/tree-files.js';
import { DEFAULT_YAML_LIMITS } from '../yaml-limits.js';
import { mutatePackage } from './mutate-package.js';

const entriesOf = (files: Record<string, string>): TreeEntry[] =>
  Object.entries(files).map(([path, text]) => {
    const content = Buffer.from(text);
    return { path, mode: '100644', oid: hashBlob(content), content, rawPath: null };
  });

const OPTIONS = { name: 'web', limits: DEFAULT_YAML_LIMITS, definitions: [] };

function mutate(files: Record<string, string>, mutations: Mutation[], packageContext: Record<string, string> = {}) {
  const { files: changed, unmatched } = mutatePackage(entriesOf(files), { mutations, packageContext }, OPTIONS);
  return {
    unmatched,
    files: Object.fromEntries(changed.map(({ path, content }) => [path, Buffer.from(content).toString()])),
  };
}

const DEPLOYMENT = `# The web server.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {tier: front} # in brackets
spec:
  replicas: 1   # at night
  template:
    spec:
      containers:
        - name: web
          image: nginx:1   # pinned
          env:
            - name: MODE
              value: "on"
        # The helper.
        - name: side
          image: busybox
`;
const OTHER = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: other\ndata:\n  a: b\n';
const web = (path: string, rest: Omit<Mutation, 'objects' | 'path'>): Mutation => ({
  objects: { kind: 'Deployment', name: 'web' },
  path,
  ...rest,
});

describe('a mutation', () => {
  it.each([
    ['a number', web('spec.replicas', { value: 5 }), 'replicas: 1   # at night', 'replicas: 5   # at night'],
    ['a string that reads as none', web('metadata.labels.tier', { value: '1' }), '{tier: front}', '{tier: "1"}'],
    [
      'a field of an item',
      web('spec.template.spec.containers[name=web].image', { value: 'nginx:2' }),
      'image: nginx:1   # pinned',
      'image: nginx:2   # pinned',
    ],
    [
      'a key with dots that is not there',
      web('metadata.annotations."a.b/c"', { value: 'd' }),
      'labels: {tier: front} # in brackets\n',
      'labels: {tier: front} # in brackets\n  annotations:\n    a.b/c: d\n',
    ],
    ['a removed field', web('spec.replicas', { remove: true }), '  replicas: 1   # at night\n', ''],
    [
      'a removed item',
      web('spec.template.spec.containers[name=side]', { remove: true }),
      '        # The helper.\n        - name: side\n          image: busybox\n',
      '',
    ],
    [
      'an item that is not there',
      web('spec.template.spec.containers[name=web].env[name=EXTRA]', { value: { name: 'EXTRA', value: 'x' } }),
      '              value: "on"\n',
      '              value: "on"\n            - name: EXTRA\n              value: x\n',
    ],
    [
      'an item of a list that is not there',
      web('spec.template.spec.containers[name=side].env[name=EXTRA]', { value: { name: 'EXTRA', value: 'x' } }),
      '          image: busybox\n',
      '          image: busybox\n          env:\n            - name: EXTRA\n              value: x\n',
    ],
  ])('sets %s, and changes nothing else of the text', (_, mutation, before, after) => {
    const { files, unmatched } = mutate({ 'a.yaml': `${DEPLOYMENT}---\n${OTHER}` }, [mutation]);
    expect(DEPLOYMENT).toContain(before);
    expect(files).toEqual({ 'a.yaml': `${DEPLOYMENT.replace(before, after)}---\n${OTHER}` });
    expect(unmatched).toEqual([]);
  });

  it.each([
    ['holds that already', web('spec.replicas', { value: 1 }), []],
    ['has no such field to remove', web('spec.paused', { remove: true }), []],
    ['has no such list to remove an item of', web('spec.tolerations[key=a]', { remove: true }), []],
    ['has another name', { ...web('spec.replicas', { value: 5 }), objects: { name: 'nobody' } }, [0]],
    ['has another kind', { ...web('spec.replicas', { value: 5 }), objects: { kind: 'StatefulSet', name: 'web' } }, [0]],
    ['has other labels', { ...web('spec.replicas', { value: 5 }), objects: { labels: { tier: 'back' } } }, [0]],
    ['has no such item', web('spec.template.spec.containers[name=none].image', { value: 'x' }), [0]],
    ['has a scalar on the way', web('spec.replicas.deep', { value: 'x' }), [0]],
  ] satisfies [string, Mutation, number[]][])('leaves an object that %s, and says so', (_, mutation, unmatched) => {
    expect(mutate({ 'a.yaml': DEPLOYMENT }, [mutation])).toEqual({ files: {}, unmatched });
  });

  it('finds all objects with the labels, in folders too, and applies what is asked in order', () => {
    const files = { 'a.yaml': DEPLOYMENT, 'b/c.yaml': DEPLOYMENT.replace('name: web', 'name: other') };
    const { files: changed } = mutate(files, [
      { objects: { labels: { tier: 'front' } }, path: 'spec.replicas', value: 2 },
      web('spec.replicas', { value: 3 }),
    ]);
    expect(changed['a.yaml']).toContain('replicas: 3 ');
    expect(changed['b/c.yaml']).toContain('replicas: 2 ');
  });

  it('changes objects in a list, and nothing else of its text', () => {
    const item = (text: string): string => `  - ${text.replaceAll(/\n(?=.)/g, '\n    ')}`;
    const list = (text: string): string =>
      `# all\napiVersion: v1\nkind: List\nitems:\n${item(OTHER)}  # web\n${item(text)}`;
    const { files, unmatched } = mutate({ 'a.yaml': list(DEPLOYMENT.replace(/^#.*\n/, '')) }, [
      web('spec.replicas', { value: 5 }),
      { objects: { kind: 'List' }, path: 'metadata.labels.a', value: 'b' },
    ]);
    expect(files).toEqual({ 'a.yaml': list(DEPLOYMENT.replace(/^#.*\n/, '').replace('replicas: 1', 'replicas: 5')) });
    expect(unmatched).toEqual([1]);
  });

  it('leaves alone what a Kptfile says of its origin', () => {
    const kptfile = 'apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: web\nupstream:\n  git:\n    ref: v1\n';
    const all = { objects: { kind: 'Kptfile' } };
    const { files, unmatched } = mutate({ Kptfile: kptfile }, [
      { ...all, path: 'upstream.git.ref', value: 'v9' },
      { ...all, path: 'metadata.name', value: 'x' },
      { ...all, path: 'info.description', value: 'x' },
    ]);
    expect(files).toEqual({ Kptfile: `${kptfile}info:\n  description: x\n` });
    expect(unmatched).toEqual([0, 1]);
  });

  it('means a Kptfile only by its kind', () => {
    const kptfile = 'apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: web\n';
    const mutation = { objects: { name: 'web' }, path: 'metadata.labels.a', value: 'b' };
    expect(mutate({ Kptfile: kptfile }, [mutation])).toEqual({ files: {}, unmatched: [0] });
  });

  it('refuses what cannot be changed safely', () => {
    const anchored = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: &d\n  a: b\nother: *d\n';
    const mutation = { objects: { name: 'x' }, path: 'data.a', value: 'c' };
    expect(() => mutate({ 'a.yaml': anchored }, [mutation])).toThrow('cannot be changed safely');
  });
});

describe("the package's context", () => {
  it('is made where there is none, and keeps what is in it', () => {
    const made = mutate({ 'a.yaml': OTHER }, [], { site: 'lyon' }).files['package-context.yaml'] ?? '';
    expect(made).toContain('name: kptfile.kpt.dev');
    expect(made).toMatch(/data:\n {2}site: lyon\n {2}name: web\n/);
    const again = mutate({ 'package-context.yaml': made }, [], { site: 'lyon' });
    expect(again).toEqual({ files: {}, unmatched: [] });
    const { files } = mutate({ 'package-context.yaml': `# ours\n${made}` }, [], { site: 'oslo' });
    expect(files['package-context.yaml']).toBe(`# ours\n${made.replace('lyon', 'oslo')}`);
  });
});
