import { h, heading, scrolling, table } from '../shared/dom.js';
import { localTime } from '../shared/time.js';
import { barFigure, barWithWords } from './bar.js';
import { matrixOf, revisionParts, totalsOf } from './fleet-rows.js';
import { nextPage } from './next-page.js';
import { hrefOf } from './route.js';
import { counted } from './segments.js';

const GROUPINGS = { upstream: 'blueprint', target: 'target', repository: 'repository' };
const COLUMNS = [
  ['packages', 'Packages'],
  ['published', 'Published'],
  ['behind', 'Behind'],
  ['drifted', 'Drifted'],
  ['unhealthy', 'Unhealthy'],
  ['openDrafts', 'Open drafts'],
];
const WARNS = new Set(['behind', 'drifted', 'unhealthy']);

/** What runs where: totals, groups, and the matrix of a blueprint. */
export async function showFleet({ route: { query }, api }) {
  const { groupBy = 'upstream', cursor, blueprint, row } = query;
  const [blueprints, page] = await Promise.all([
    api.all('fleet', { groupBy: 'upstream' }),
    api.get('fleet', { groupBy, cursor }),
  ]);
  const totals = totalsOf(blueprints);
  const matrix = blueprint ? await matrixSection(api, blueprints, { groupBy, cursor, blueprint, row }) : [];
  return {
    title: 'Fleet',
    sentence: `${counted(totals.packages, 'packages')}, ${totals.behind} behind, ${totals.drifted} drifted, ${totals.unhealthy} unhealthy.`,
    nodes: [totalsSection(totals), groupsSection(page, { groupBy, cursor, blueprint }), ...matrix],
  };
}

const totalsSection = (totals) =>
  h(
    'section',
    { 'aria-label': 'Totals' },
    h(
      'dl',
      { class: 'totals' },
      ...COLUMNS.map(([name, label]) =>
        h(
          'div',
          { class: WARNS.has(name) && totals[name] > 0 ? 'warn' : '' },
          h('dt', {}, label),
          h('dd', {}, totals[name]),
        ),
      ),
    ),
  );

function groupsSection({ items, nextCursor }, { groupBy, cursor, blueprint }) {
  const byBlueprint = groupBy === 'upstream';
  const word = GROUPINGS[groupBy] ?? groupBy;
  const links = Object.entries(GROUPINGS).map(([name, label]) =>
    h(
      'li',
      {},
      h(
        'a',
        { href: hrefOf('fleet', '', { groupBy: name }), 'aria-current': name === groupBy && 'true' },
        `By ${label}`,
      ),
    ),
  );
  const rows = items.map((group) => [
    nameOf(group, { groupBy, cursor, blueprint }),
    ...COLUMNS.map(([name]) => number(group[name], WARNS.has(name))),
    ...(byBlueprint ? [group.id === null ? '' : barWithWords(`Revisions of ${group.key}`, revisionParts(group))] : []),
  ]);
  const columns = [
    `${word[0].toUpperCase()}${word.slice(1)}`,
    ...COLUMNS.map(([, label]) => label),
    ...(byBlueprint ? ['Revisions'] : []),
  ];
  return h(
    'section',
    {},
    heading(`Packages by ${word}`),
    h('nav', { 'aria-label': 'Grouping' }, h('ul', { class: 'choices' }, ...links)),
    rows.length > 0
      ? table(`What is published, behind, drifted, unhealthy and open, by ${word}`, columns, rows)
      : h('p', {}, 'There are no packages that have a target.'),
    nextPage(nextCursor && hrefOf('fleet', '', { groupBy, cursor: nextCursor }), 'groups'),
  );
}

/** A blueprint leads to its matrix. */
function nameOf({ key, id }, { groupBy, cursor, blueprint }) {
  if (groupBy !== 'upstream') return key ?? 'none';
  if (id === null) return 'made from nothing, or from what you may not see';
  return h(
    'a',
    { href: hrefOf('fleet', '', { groupBy, cursor, blueprint: id }), 'aria-current': id === blueprint && 'true' },
    key,
  );
}

const number = (value, warns) => h('span', { class: `number${warns && value > 0 ? ' warn' : ''}` }, value);

async function matrixSection(api, blueprints, { groupBy, cursor, blueprint, row }) {
  const answer = await api.get('fleet/matrix', { upstreamPackageId: blueprint, cursor: row });
  const group = blueprints.find(({ id }) => id === blueprint);
  const name = group?.key ?? blueprint;
  const { columns, rows, left, hasFolders } = matrixOf(answer);
  const next = answer.nextCursor && hrefOf('fleet', '', { groupBy, cursor, blueprint, row: answer.nextCursor });
  const head = h(
    'tr',
    {},
    h('th', { scope: 'col' }, 'Target'),
    ...columns.map((column) => h('th', { scope: 'col' }, ...columnHead(column))),
  );
  const body = rows.map(({ target, cells }) => h('tr', {}, h('th', { scope: 'row' }, target), ...cells.map(cellOf)));
  return [
    h(
      'section',
      {},
      heading(`Blueprint ${name}`, true),
      group ? barFigure(`Packages by revision of ${name}`, revisionParts(group, answer.columns)) : null,
      rows.length > 0
        ? scrolling('Which revision each target has', h('thead', {}, head), h('tbody', {}, ...body))
        : h('p', {}, 'No target has it.'),
      left > 0 ? h('p', { class: 'note' }, `${left} more revisions, which no target here has, are left out.`) : null,
      hasFolders
        ? h(
            'p',
            { class: 'note' },
            'What is behind › is a folder that was made from it. The bar counts whole packages alone.',
          )
        : null,
      nextPage(next, 'targets'),
    ),
  ];
}

function columnHead({ revision, revisionId, publishedAt, behind }) {
  if (revisionId === null) return [revision, h('small', {}, 'no publication, or an older one')];
  const place = behind === null ? '' : behind === 0 ? 'newest' : `${behind} behind`;
  const since = publishedAt === null ? '' : localTime(publishedAt).slice(0, 10);
  return [revision, h('small', {}, [place, since].filter(Boolean).join(', '))];
}

function cellOf(packages) {
  const links = packages.map(({ packageId, label, path }) =>
    h('li', {}, h('a', { href: hrefOf('packages', packageId), title: path }, label)),
  );
  return h('td', {}, links.length > 0 ? h('ul', { class: 'plain' }, ...links) : null);
}
