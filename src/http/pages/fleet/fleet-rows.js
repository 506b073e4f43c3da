/** What the answers of `/fleet` and `/fleet/matrix` are shown as. */

const COUNTS = ['packages', 'published', 'behind', 'drifted', 'unhealthy', 'openDrafts'];
/** Revisions that a bar tells apart. */
const MOST_REVISIONS = 12;

/** The groups taken together: each package is in one of them. */
export function totalsOf(groups) {
  return Object.fromEntries(COUNTS.map((name) => [name, groups.reduce((sum, group) => sum + group[name], 0)]));
}

/**
 * How many packages are at which revision of a blueprint, as parts of a bar, the newest first. `columns` are its newest
 * revisions, where these are known; what no revision is known of is told as such.
 */
export function revisionParts({ packages, upstreamRevisions }, columns = []) {
  const place = new Map(columns.map(({ revisionId }, index) => [revisionId, index]));
  const sorted = upstreamRevisions
    .map((used) => ({ ...used, behind: place.get(used.revisionId) }))
    .sort((a, b) => (a.behind ?? Infinity) - (b.behind ?? Infinity) || newestFirst(a.revision, b.revision));
  const parts = sorted.slice(0, MOST_REVISIONS).map(({ revision, packages: count, behind }) => ({
    ...{ label: revision, count },
    tone: columns.length > 0 ? toneOf(behind) : 'work',
  }));
  const known = upstreamRevisions.reduce((sum, used) => sum + used.packages, 0);
  const older = sorted.slice(MOST_REVISIONS).reduce((sum, used) => sum + used.packages, 0);
  return [
    ...parts,
    { label: 'other revisions', count: older, tone: 'quiet' },
    { label: 'no known revision', count: Math.max(0, packages - known), tone: 'quiet' },
  ].filter(({ count }) => count > 0);
}

const newestFirst = (a, b) => b.localeCompare(a, 'en', { numeric: true });

function toneOf(behind) {
  if (behind === undefined) return 'quiet';
  return behind === 0 ? 'good' : ['work', 'warn'][Math.min(behind, 2) - 1];
}

/**
 * The matrix as a table: the columns that some target has, and the newest; a row for each target with the packages of each
 * column. `left` counts the columns that no target has.
 */
export function matrixOf({ columns, items }) {
  const used = new Map();
  for (const cell of items.flatMap(({ cells }) => cells))
    if (!used.has(cell.revisionId)) used.set(cell.revisionId, cell);
  const newest = columns[0]?.revisionId;
  const shown = columns.filter(({ revisionId }) => used.has(revisionId) || revisionId === newest);
  const known = new Set(columns.map(({ revisionId }) => revisionId));
  const others = [...used.keys()].some((id) => !known.has(id));
  const heads = shown.map(({ revisionId, revision, publishedAt }) => ({
    ...{ revisionId, revision, publishedAt },
    behind: revisionId === newest ? 0 : (used.get(revisionId)?.behind ?? null),
  }));
  const other = { revisionId: null, revision: 'other', publishedAt: null, behind: null };
  const all = others ? [...heads, other] : heads;
  return {
    columns: all,
    rows: items.map(({ target, targetId, cells }) => ({
      ...{ target, targetId },
      cells: all.map((column) =>
        cells
          .filter(({ revisionId: id }) => (column === other ? !known.has(id) : id === column.revisionId))
          .flatMap(({ revision, packages }) =>
            packages.map((found) => ({ ...found, revision, label: labelOf(target, found) })),
          ),
      ),
    })),
    left: columns.length - shown.length,
    hasFolders: items.some(({ cells }) => cells.some(({ packages }) => packages.some(({ folder }) => folder !== ''))),
  };
}

/** The path below the target, and the folder. */
function labelOf(target, { path, folder }) {
  const name = path.startsWith(`${target}/`) ? path.slice(target.length + 1) : path;
  return folder === '' ? name : `${name} › ${folder}`;
}
