import { describe, expect, it } from 'vitest';
import { normalImage } from './image-reference.js';
import { parseKrm } from './parse.js';

const objectsIn = (text: string) => parseKrm(Buffer.from(text)).objects;
const bodyOf = (text: string): unknown => JSON.parse(objectsIn(text)[0]?.body ?? 'null');
const imagesOf = (text: string) => objectsIn(text)[0]?.images;

describe('the body of an object', () => {
  it('is what kubectl reads', () => {
    const text = `apiVersion: v1
kind: Pod
base: &base {x: 0644, y: yes}
spec: {<<: *base, z: 1_000, n: ~, list: [1, [2], {}], text: "1", empty: {}, none: []}`;
    expect(bodyOf(text)).toEqual({
      apiVersion: 'v1',
      kind: 'Pod',
      base: { x: 420, y: true },
      spec: { x: 420, y: true, z: 1000, n: null, list: [1, [2], {}], text: '1', empty: {}, none: [] },
    });
  });

  it('has whole numbers exact, and no text that PostgreSQL cannot hold', () => {
    const [object] = objectsIn(
      '{apiVersion: v1, kind: Pod, big: 9223372036854775807, "a\\0b": "c\\0\\ud800\\\\u0000"}',
    );
    expect(object?.body).toContain('"big":9223372036854775807');
    expect(object?.body).toContain(String.raw`"ab":"c${'\ufffd'}\\u0000"`);
  });

  it.each([
    [
      'a Secret',
      '{apiVersion: v1, kind: Secret, metadata: {name: s}, type: Opaque, data: {p: aHVzaA==}, stringData: {q: hush}}',
    ],
    [
      'one in a list',
      '{apiVersion: v1, kind: SecretList, items: [{metadata: {name: s}, data: {p: aHVzaA==}, stringData: {q: hush}}]}',
    ],
    [
      'one inside of another object',
      '{apiVersion: x/v1, kind: Bundle, parts: [{kind: Secret, stringData: {q: hush}}]}',
    ],
    [
      'what was applied last',
      `{apiVersion: v1, kind: Secret, metadata: {name: s, annotations: {a: b, kubectl.kubernetes.io/last-applied-configuration: '{"q":"hush"}'}}}`,
    ],
    [
      'a generator of Secrets',
      '{apiVersion: kustomize.config.k8s.io/v1beta1, kind: Kustomization, secretGenerator: [{name: s, literals: [q=hush]}]}',
    ],
  ])('has no values of %s', (_, text) => {
    const [object] = objectsIn(text);
    expect(object?.body).not.toMatch(/hush|aHVzaA|last-applied/);
    expect(object?.body.length).toBeGreaterThan(20);
  });

  it('that is too large leaves the name, and a warning', () => {
    const long = 'x'.repeat(3_000_000);
    const { objects, parseWarnings } = parseKrm(
      Buffer.from(
        `{apiVersion: v1, kind: A, metadata: {name: a}, x: &x ${long}, z: [*x, *x, *x, *x]}\n---\n{apiVersion: v1, kind: B}`,
      ),
    );
    expect(objects.map(({ body }) => JSON.parse(body) as unknown)).toEqual([
      { apiVersion: 'v1', kind: 'A', metadata: { name: 'a' } },
      { apiVersion: 'v1', kind: 'B', metadata: { name: null } },
    ]);
    expect(parseWarnings).toEqual([expect.stringContaining('too much for the search')]);
  });
});

describe('the images of an object', () => {
  it('are found wherever they are, each once, and written in one way', () => {
    const text = `apiVersion: apps/v1
kind: Deployment
spec: {template: {spec: {initContainers: [{image: nginx}], containers: [{image: "nginx:latest"}, {image: quay.io/a/b@sha256:${'0'.repeat(64)}}]}}}`;
    expect(imagesOf(text)).toEqual(['docker.io/library/nginx:latest', `quay.io/a/b@sha256:${'0'.repeat(64)}`]);
    expect(imagesOf('{apiVersion: x/v1, kind: Db, spec: {image: {repository: a/b, tag: 1.20}}}')).toEqual([
      'docker.io/a/b:1.20',
    ]);
    expect(imagesOf('{apiVersion: x/v1, kind: Db, spec: {image: {repository: a/b}}}')).toEqual([]);
    expect(
      imagesOf('{apiVersion: x/v1, kind: Kustomization, images: [{name: a, newName: b, newTag: v1}, {name: c}]}'),
    ).toEqual(['docker.io/library/b:v1']);
    expect(imagesOf('{apiVersion: v1, kind: ConfigMap, data: {image: nginx}}')).toEqual([]);
  });

  it('of a Kptfile are where kpt looks for a function without a registry', () => {
    const text = `{apiVersion: kpt.dev/v1, kind: Kptfile, pipeline: {
      mutators: [{image: set-labels:v0.1.5}, {image: apply-replacements}, {image: team/fn:v1}],
      validators: [{image: 'gcr.io/kpt-fn/kubeval:v0.3'}]}}`;
    expect(imagesOf(text)).toEqual([
      'gcr.io/kpt-fn/set-labels:v0.1.5',
      'gcr.io/kpt-fn/apply-replacements:latest',
      'docker.io/team/fn:v1',
      'gcr.io/kpt-fn/kubeval:v0.3',
    ]);
  });

  it.each([
    ['nginx', 'docker.io/library/nginx:latest'],
    ['bitnami/redis:7.2', 'docker.io/bitnami/redis:7.2'],
    ['index.docker.io/library/nginx', 'docker.io/library/nginx:latest'],
    ['localhost/a', 'localhost/a:latest'],
    ['localhost:5000/a:b', 'localhost:5000/a:b'],
    ['ghcr.io/a/b:v1@sha256:' + 'a'.repeat(64), 'ghcr.io/a/b:v1@sha256:' + 'a'.repeat(64)],
    ['registry:5000/x', 'registry:5000/x:latest'],
    ['{{ .Values.image }}', null],
    ['Nginx', null],
    ['a b', null],
    ['', null],
    ['https://example.com/a', null],
  ])('%s is %s', (text, normal) => {
    expect(normalImage(text)).toBe(normal);
  });
});
