import type { Api } from '../../stage/api.js';
import { LISTS } from '../reads.js';
import { SEARCHES } from '../search.js';

/** A request, and whether it asks for more where there is more. */
export interface Read {
  what: string;
  path: string;
  grows: boolean;
}

/** Pages that are turned before one is read by its cursor. */
const TURNED = 30;
/** What counts all packages of the fleet. A page of a list or of a search asks for no more where there is more to find. */
const GROWING = ['fleet by a label', 'fleet by repository'];

const EVENTS = '/events?pageSize=100';
const REVISIONS = '/package-revisions?pageSize=100';
const PACKAGES = '/packages?pageSize=100';

const LISTS_OF_REVISIONS: Record<string, string> = {
  ...LISTS,
  'of all': REVISIONS,
  'of a repository': `${REVISIONS}&repository=repository-77`,
  'of a target': `${REVISIONS}&target=edge-14`,
  'by latest': `${REVISIONS}&latest=true`,
  'of drafts, the newest first': `${REVISIONS}&lifecycle=draft&sort=-updatedAt`,
  'by who published': `${REVISIONS}&publishedBy=carol`,
  'by time': `${REVISIONS}&publishedSince=2025-01-05T00:00:00Z&publishedUntil=2025-01-06T00:00:00Z`,
  'by who and when': `${REVISIONS}&updatedBy=bob&updatedSince=2025-02-01T00:00:00Z&sort=-updatedAt`,
  'as of a moment': `${REVISIONS}&asOf=2025-02-01T00:00:00Z`,
  'by a part of the name': `${REVISIONS}&q=repository-77`,
  'by a common part of the name': `${REVISIONS}&q=upf.v3`,
  'of what is behind': `${REVISIONS}&upstreamState=behind`,
  'the newest first': `${REVISIONS}&sort=-updatedAt`,
  'by name': `${REVISIONS}&sort=name`,
  'by publication, the newest first': `${REVISIONS}&sort=-publishedAt`,
};

const LISTS_OF_PACKAGES: Record<string, string> = {
  'of packages': PACKAGES,
  'of packages of a name': `${PACKAGES}&name=upf`,
  'of packages that are behind': `${PACKAGES}&upstreamState=behind`,
  'of packages by a part of the path': `${PACKAGES}&q=firewall`,
};

/** What a user asks of a large installation. */
export async function readsOf(api: Api): Promise<Read[]> {
  const oneOf = async (path: string): Promise<{ id: string; packageId: string }> => {
    const [item] = await itemsOf<{ id: string; packageId: string }>(api, path);
    if (item === undefined) throw new Error(`There is nothing at ${path}.`);
    return item;
  };
  const later = async (path: string): Promise<string> => {
    let cursor = '';
    for (let page = 0; page < TURNED; page += 1) {
      const from = cursor === '' ? '' : `&cursor=${cursor}`;
      const { nextCursor } = JSON.parse((await api.bytes(`${path}${from}`)).toString()) as { nextCursor: string };
      cursor = nextCursor;
    }
    return `${path}&cursor=${cursor}`;
  };
  const versions = '/package-revisions?repository=repository-77&package=hss';
  const draft = await oneOf(`${versions}&workspace=v5`);
  const before = await oneOf(`${versions}&workspace=v4`);
  const blueprint = await oneOf('/package-revisions?repository=repository-0&latest=true');
  const target = await oneOf('/targets?name=edge-14');
  const events = await itemsOf<{ sequence: number }>(api, `${EVENTS}&sort=-sequence`);
  const asked: Record<string, string> = {
    ...prefixed('list page', { ...LISTS_OF_REVISIONS, ...LISTS_OF_PACKAGES }),
    'a later page of all': await later(REVISIONS),
    'a later page of the newest': await later(`${REVISIONS}&sort=-updatedAt`),
    'a later page by name': await later(`${REVISIONS}&sort=name`),
    'list page of repositories': '/repositories?pageSize=100',
    'list page of targets': '/targets?pageSize=100',
    'page of a revision': `/package-revisions/${draft.id}`,
    'resources of a revision': `/package-revisions/${draft.id}/resources`,
    'files of a revision': `/package-revisions/${draft.id}/files`,
    'diff of a draft': `/package-revisions/diff?from=${before.id}&to=${draft.id}`,
    'page of a package': `/packages/${draft.packageId}`,
    'page of the history of a package': `/packages/${draft.packageId}/history?pageSize=100`,
    'impact of a blueprint': `/package-revisions/${blueprint.id}/impact?depth=3`,
    'matrix of a blueprint': `/fleet/matrix?upstreamPackageId=${blueprint.packageId}`,
    'packages of a target': `/targets/${target.id}/packages`,
    'fleet by target, a page': '/fleet?groupBy=target',
    'events since a position': `${EVENTS}&after=${events.at(-1)?.sequence}`,
    'events, the newest first': `${EVENTS}&sort=-sequence`,
    'list page of operations': '/operations?pageSize=100',
    'uses of an image': `/images/uses?image=${encodeURIComponent('ghcr.io/example/upf:v1.14')}`,
    'fleet by a label': '/fleet?groupBy=label.region',
    'fleet by repository': '/fleet?groupBy=repository',
    ...prefixed('search by', Object.fromEntries(SEARCHES.map(([what, query]) => [what, searchFor(query)]))),
  };
  return Object.entries(asked).map(([what, path]) => ({
    what,
    path,
    grows: GROWING.some((one) => what.startsWith(one)),
  }));
}

const searchFor = (query: string): string => `/search?q=${encodeURIComponent(query)}`;

const itemsOf = async <Item>(api: Api, path: string): Promise<Item[]> =>
  (JSON.parse((await api.bytes(path)).toString()) as { items: Item[] }).items;

const prefixed = (prefix: string, paths: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(paths).map(([what, path]) => [`${prefix} ${what}`, path]));
