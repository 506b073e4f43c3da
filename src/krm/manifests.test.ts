import { expect, it } from 'vitest';
import { manifestsOf } from './manifests.js';
import { DEFAULT_YAML_LIMITS } from './yaml-limits.js';

const manifests = (text: string) => manifestsOf(Buffer.from(text), DEFAULT_YAML_LIMITS);
const object = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}`;
const local = `${object('context')}\n  annotations:\n    config.kubernetes.io/local-config: "true"`;

it.each([
  ['all documents of a file, with their comments', `# one\n${object('a')}\n---\n${object('b')} # two\n`, 2],
  ['none that is local', local, 0],
  ['those beside a local one', `${local}\n---\n${object('a')}`, 1],
  ['none that only tools read', 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n', 0],
  ['no Kptfile', 'apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata: {name: a}\n', 0],
  ['none without a kind', 'replicas: 3\n---\n- a\n---\n# only words\n', 0],
  ['an object on the line of its marker', `--- {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n`, 1],
  ['a document behind directives and a byte order mark', `\uFEFF%YAML 1.1\n---\n${object('a')}\n...\n`, 1],
  ['JSON', '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}', 1],
  ['a list as one document', `apiVersion: v1\nkind: List\nitems:\n- ${object('a').replaceAll('\n', '\n  ')}\n`, 1],
  ['Windows line ends', `${object('a')}\n---\n${local}\n`.replaceAll('\n', '\r\n'), 1],
])('gives %s', (_, text, count) => {
  expect(manifests(text)).toHaveLength(count);
});

it('gives them as they are written', () => {
  expect(manifests(`# why\n${object('a')} # x\n---\n${object('---b')}\n`)).toEqual([
    `# why\n${object('a')} # x`,
    object('---b'),
  ]);
});

it('is not confused by dashes within a document', () => {
  const text = `${object('a')}\ndata:\n  script: |\n    ---\n    ----\n----: x`;
  expect(manifests(text)).toEqual([text]);
});
