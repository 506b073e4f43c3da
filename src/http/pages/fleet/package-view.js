import { facts, h, heading, scrolling, table } from '../shared/dom.js';
import { localTime } from '../shared/time.js';
import { wordOf } from './campaign-rows.js';
import { nextPage } from './next-page.js';
import { chosenOf, comparisonsOf, diffRows } from './package-rows.js';
import { hrefOf } from './route.js';

/** What runs of a package, and what would become another. */
export async function showPackage({ route: { id, query }, api }) {
  const found = await api.get(`packages/${encodeURIComponent(id)}`);
  const { latestRevision: latest, repositoryId, path } = found;
  const [published, delivery, drafts, previews] = await Promise.all([
    latest && api.find(`package-revisions/${latest.id}`),
    found.delivery && api.find(`packages/${found.id}/delivery`),
    api.all('package-revisions', { repositoryId, path, lifecycle: 'draft,proposed' }),
    latest ? api.all('upgrade-previews', { packageRevisionId: latest.id, applied: 'false' }) : [],
  ]);
  const { upstreamStatus } = found;
  const whole = previews.filter(({ subpackage }) => subpackage === null);
  const comparisons = comparisonsOf({ latest, upstreamStatus, drafts, previews: whole });
  const chosen = chosenOf(comparisons, query.diff);
  const runs = h('section', {}, heading('What runs'), runsFacts(found, published, delivery));
  const folders = (published?.upstreams ?? []).filter((upstream) => upstream.path !== '');
  return {
    title: `Package ${path}`,
    sentence: `${latest ? `${latest.revision} is published` : 'Nothing is published'}; ${standing(upstreamStatus)}.`,
    nodes: [
      runs,
      ...(folders.length > 0 ? [foldersSection(folders)] : []),
      h(
        'section',
        {},
        heading('What differs', Boolean(query.diff)),
        choices(found.id, comparisons, chosen),
        ...(chosen ? await diffOf(api, found.id, chosen, query.cursor) : [h('p', {}, 'There is nothing to compare.')]),
      ),
    ],
  };
}

function runsFacts(found, published, delivery) {
  const { repository, target, latestRevision: latest, upstreamStatus, deliveredRevision, driftState } = found;
  const upstream = published?.upstreams?.find((place) => place.path === '');
  return facts([
    ['Repository', repository],
    ['Target', target],
    [
      'Published',
      latest
        ? [
            latest.revision,
            published?.publishedAt && localTime(published.publishedAt),
            published?.publishedBy && `by ${published.publishedBy}`,
          ]
            .filter(Boolean)
            .join(' ')
        : 'nothing',
    ],
    ['Made from', upstream && `${upstream.url} ${upstream.directory} ${upstream.ref}`],
    ['Upstream', standing(upstreamStatus)],
    ['Drift', driftState === 'none' ? 'none' : wordOf(driftState)],
    ['Delivered', deliveredRevision?.revision],
    [
      'Delivery',
      delivery
        ? `${wordOf(delivery.state)}, ${delivery.health}; ${delivery.tool}, ${localTime(delivery.observedAt)}`
        : 'nobody has reported any',
    ],
    ['Said', delivery?.message],
  ]);
}

/** How it stands beside what it was made from. */
function standing({ state, behind, current, newest }) {
  if (state === 'none') return 'made from nothing';
  const from = current ? `at ${current.revision}` : '';
  if (state !== 'behind') return [from, wordOf(state)].filter(Boolean).join(', ');
  const far = behind === null ? 'behind' : `${behind} behind`;
  return [from, newest ? `${far}, ${newest.revision} is the newest` : far].filter(Boolean).join(', ');
}

const foldersSection = (folders) =>
  h(
    'section',
    {},
    heading('Folders with an upstream of their own'),
    table(
      'Folders',
      ['Folder', 'Made from', 'Upstream'],
      folders.map(({ path, directory, ref, upstreamStatus }) => [
        path,
        `${directory} ${ref}`,
        standing(upstreamStatus),
      ]),
    ),
  );

const choices = (id, comparisons, chosen) =>
  h(
    'nav',
    { 'aria-label': 'Comparisons' },
    h(
      'ul',
      { class: 'plain' },
      ...comparisons.map(({ key, label }) =>
        h(
          'li',
          {},
          h('a', { href: hrefOf('packages', id, { diff: key }), 'aria-current': key === chosen?.key && 'true' }, label),
        ),
      ),
    ),
  );

async function diffOf(api, packageId, { key, label, path, query }, cursor) {
  const answer = await api.find(path, { ...query, cursor });
  if (answer === undefined) return [h('p', {}, 'That is not there any more, or you may not see it.')];
  const { truncated, nextCursor, ...diff } = { ...answer, ...answer.changes };
  const { objects, files } = diffRows(diff);
  return [
    objects.length === 0 && files.length === 0 ? h('p', {}, 'Nothing differs.') : null,
    objects.length > 0 ? objectsTable(label, objects) : null,
    files.length > 0 ? filesTable(files) : null,
    truncated ? h('p', { class: 'note' }, 'There is more than is shown.') : null,
    nextPage(nextCursor && hrefOf('packages', packageId, { diff: key, cursor: nextCursor }), 'objects'),
  ];
}

function objectsTable(label, objects) {
  const columns = ['Object', 'Field', 'Before', 'After', 'What it means'];
  const bodies = objects.map(({ name, change, file, fields }) => {
    const rows = fields.length > 0 ? fields : [{ path: '', change, meaning: '' }];
    const head = h('th', { scope: 'rowgroup', rowspan: rows.length }, name, h('small', {}, `${change}, ${file}`));
    return h(
      'tbody',
      {},
      ...rows.map((field, index) =>
        h(
          'tr',
          {},
          index === 0 ? head : null,
          h('td', {}, h('code', {}, field.path)),
          h('td', { 'data-label': 'Before' }, value(field.before)),
          h('td', { 'data-label': 'After' }, value(field.after)),
          h('td', {}, [field.change, field.meaning && wordOf(field.meaning)].filter(Boolean).join(', ')),
        ),
      ),
    );
  });
  const head = h('thead', {}, h('tr', {}, ...columns.map((column) => h('th', { scope: 'col' }, column))));
  const whole = scrolling(`Changes of objects: ${label}`, head, ...bodies);
  whole.classList.add('stack');
  return whole;
}

const filesTable = (files) =>
  table(
    'Changes of files',
    ['File', 'Change', 'Text'],
    files.map(({ path, change, patch }) => [
      path,
      change,
      patch === null ? '' : h('details', {}, h('summary', {}, 'lines'), h('pre', {}, patch)),
    ]),
  );

function value(shown) {
  if (shown === undefined) return h('span', { class: 'nothing' }, 'nothing');
  const whole = h('pre', {}, shown.text);
  return shown.isLong ? h('details', {}, h('summary', {}, `${shown.text.length} characters`), whole) : whole;
}
