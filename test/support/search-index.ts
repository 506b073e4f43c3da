import { ContentService } from '../../src/content/content.service.js';
import type { Repository } from '../../src/database/generated/client.js';
import { uuidv7 } from '../../src/domain/uuid.js';
import { packagePath } from '../../src/domain/identity.js';
import type { TestApi } from './api.js';
import type { Candidate } from './search-oracle.js';
import { Random } from './random.js';

/** The objects of a file. */
type Objects = Record<string, unknown>[];

const KINDS = [
  ['v1', 'ConfigMap'],
  ['v1', 'Service'],
  ['apps/v1', 'Deployment'],
  ['example.com/v1alpha1', 'Widget'],
] as const;
const NAMES = ['web', 'db', 'cache', 'web-2', '100%_x', 'ünï"c\\o'];
const SCALARS = [
  'a',
  'b',
  'A quoted "text"',
  'é [ü*] (\\^$.|?+{',
  '3',
  'true',
  '',
  3,
  3.5,
  -2,
  0,
  12_345_678_901,
  true,
  false,
  null,
] as const;
const IMAGES = ['nginx', 'nginx:1.25', 'quay.io/team/app:v1', 'no image'];

export const SEARCH_PATHS = [
  'spec.replicas',
  'spec.list',
  'spec.list.x',
  'spec.list.x.y',
  'spec.deep.x.y',
  '.data',
  'data.key',
  'spec."dotted.key"',
  'metadata.labels.app',
  'spec.template.spec.containers.image',
  'spec.none',
];
export const SEARCH_VALUES: readonly string[] = [
  ...SCALARS.map((value) => JSON.stringify(value)),
  '4',
  '-1',
  '"x"',
  'web',
  'nginx',
  '"nginx:1.25"',
  '"%"',
  '"_"',
  "'\\\\'",
  '2026-01-01',
  ...['yes', 'Off', '~', '0x4', '0b11', 'tRUE'],
];

function randomValue(random: Random, depth: number): unknown {
  if (depth === 0 || random.chance(0.5)) return random.pick(SCALARS);
  if (random.chance(0.5)) return Array.from({ length: random.between(0, 3) }, () => randomValue(random, depth - 1));
  return Object.fromEntries(
    ['x', 'y', 'dotted.key'].filter(() => random.chance(0.6)).map((key) => [key, randomValue(random, depth - 1)]),
  );
}

export function randomObject(random: Random): Record<string, unknown> {
  const [apiVersion, kind] = random.pick(KINDS) as (typeof KINDS)[number];
  const metadata: Record<string, unknown> = {};
  if (random.chance(0.9)) metadata.name = random.pick(NAMES);
  if (random.chance(0.5)) metadata.namespace = random.pick(['shop', 'core']);
  if (random.chance(0.6))
    metadata.labels = { app: random.pick(['web', 'db', '1', 'true']), 'example.com/tier': 'gold' };
  const spec: Record<string, unknown> = {
    replicas: random.between(0, 6),
    list: randomValue(random, 3),
    deep: randomValue(random, 3),
    'dotted.key': randomValue(random, 1),
  };
  if (kind === 'Deployment')
    spec.template = {
      spec: {
        containers: [
          { name: 'main', image: random.pick(IMAGES) },
          { name: 'side', image: random.pick(IMAGES) },
        ],
      },
    };
  return { apiVersion, kind, metadata, spec, ...(random.chance(0.5) && { data: { key: randomValue(random, 1) } }) };
}

/** The images of {@link randomObject}, as the index writes them. */
function imagesOf(object: Record<string, unknown>): string[] {
  const containers =
    (object.spec as { template?: { spec: { containers: { image: string }[] } } } | undefined)?.template?.spec
      .containers ?? [];
  const written: Record<string, string> = {
    nginx: 'docker.io/library/nginx:latest',
    'nginx:1.25': 'docker.io/library/nginx:1.25',
    'quay.io/team/app:v1': 'quay.io/team/app:v1',
  };
  return [...new Set(containers.flatMap(({ image }) => written[image] ?? []))];
}

export interface GivenRevision {
  repository: Repository;
  target?: string;
  realm?: string;
  name: string;
  version: number;
  latest?: boolean;
  isDraft?: boolean;
  files: Record<string, Objects>;
}

/** Leaves a revision as a sync or a request does, and gives what a search can find of it. */
export async function addSearchable(api: TestApi, given: GivenRevision): Promise<Candidate[]> {
  const { repository, target = null, realm = '', name, version, latest = true, isDraft = false, files } = given;
  const content = Object.entries(files).map(([path, objects]) => ({
    path,
    mode: '100644',
    content: Buffer.from(objects.map((object) => JSON.stringify(object)).join('\n---\n')),
  }));
  const { oid: tree } = await api.app.get(ContentService).savePackage(content);
  const path = packagePath({ target, realm, package: name });
  const time = new Date(Date.UTC(2026, 0, version, version % 24, 30));
  const { client } = api.database;
  const known = await client.package.findFirst({ where: { repositoryId: repository.id, path } });
  const stamp = { createdAt: time, updatedAt: time };
  const packageId = known?.id ?? uuidv7();
  if (!known)
    await client.package.create({
      data: { id: packageId, repositoryId: repository.id, path, target, realm, name, ...stamp },
    });
  const revision = {
    id: uuidv7(),
    ...{
      target,
      realm,
      path,
      workspace: `w${version}`,
      revision: isDraft ? null : `v${version}`,
      latest: latest && !isDraft,
    },
    ...{
      lifecycle: isDraft ? ('draft' as const) : ('published' as const),
      createdBy: version % 2 === 0 ? 'ada' : 'grace',
      createdAt: time,
    },
    publishedAt: isDraft ? null : time,
  };
  await client.packageRevision.create({
    data: {
      ...revision,
      ...{
        repositoryId: repository.id,
        packageId,
        repositoryName: repository.name,
        packageName: name,
        updatedAt: time,
      },
      ...{
        name: `${target ?? 'catalog'}.${repository.name}.${realm}.${name}.w${version}`,
        source: { type: 'init' },
        tree,
      },
      ...{ gitState: 'synced', updatedBy: 'ada' },
    },
  });
  const shown = { ...revision, repository: repository.name, package: name };
  return Object.entries(files).flatMap(([file, objects]) =>
    objects.map((body, position) => ({ body, images: imagesOf(body), file, position, revision: shown })),
  );
}

/** Some packages with random objects, of which several have the same files. */
export async function addRandomIndex(
  api: TestApi,
  repositories: readonly Repository[],
  random: Random,
): Promise<Candidate[]> {
  const shared = Array.from({ length: 40 }, () =>
    Array.from({ length: random.between(1, 2) }, () => randomObject(random)),
  );
  const found: Candidate[] = [];
  for (let index = 0; index < 24; index += 1) {
    const repository = repositories[index % repositories.length] as Repository;
    const place = repository.deployment ? { target: `edge-${index % 3}` } : { realm: 'nf' };
    for (const version of [1, 2, 3]) {
      const files = Object.fromEntries(
        ['a.yaml', 'dir/b.yaml', 'c.json'].map((file) => [file, random.pick(shared) as Objects]),
      );
      const state = { latest: version === 2, isDraft: version === 3 };
      found.push(
        ...(await addSearchable(api, {
          repository,
          ...place,
          name: `p${index % 12}-${repository.name}`,
          version: version + 3 * index,
          ...state,
          files,
        })),
      );
    }
  }
  return found;
}
