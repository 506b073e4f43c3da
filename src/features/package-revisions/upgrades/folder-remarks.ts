import { DomainError } from '../../../domain/errors.js';
import type { RevisionRow } from '../../../revisions/revision-row.js';
import type { SubpackageRow } from '../../../revisions/package-revision.store.js';

/** Folders that one sentence names. */
const NAMED = 5;

/** Whether the error refuses an upgrade of the package itself, and says nothing of its folders, by which a filter may have found it. */
export const isOfPackageAlone = ({ code }: DomainError, { upstream }: RevisionRow): boolean =>
  code === 'upToDate' || code === 'otherPackage' || (code === 'stateConflict' && upstream === null);

/** The refusal with the folders that an upgrade of the package itself leaves as they are. */
export function withFolders({ code, message, data }: DomainError, subpackages: readonly SubpackageRow[]): DomainError {
  const behind = subpackages.filter(({ status }) => status?.state === 'behind');
  if (behind.length === 0) return new DomainError(code, message, data);
  const sources = [...new Set(behind.map(({ directory }) => directory))];
  const [folders, verb] = foldersOf(behind.map(({ path }) => path));
  return new DomainError(
    code,
    `${message} Its ${folders}, made from ${quoted(sources)}, ${verb('is', 'are')} behind: ${HOW}`,
    data,
  );
}

/** The folders that were made from the same package as the package itself, and that its upgrade leaves as they are. */
export function foldersLeft(paths: readonly string[]): string[] {
  if (paths.length === 0) return [];
  const [folders, verb] = foldersOf(paths);
  return [
    `Its ${folders} ${verb('was', 'were')} made from the same package and ${verb('stays as it is', 'stay as they are')}: ${HOW}`,
  ];
}

const HOW =
  'an upgrade with `upstreamPackageId`, of one package or in bulk, brings whatever was made from that package along.';

type Verb = (one: string, several: string) => string;

const foldersOf = (paths: readonly string[]): [folders: string, verb: Verb] =>
  paths.length === 1
    ? [`folder ${quoted(paths)}`, (one) => one]
    : [`folders ${quoted(paths)}`, (_, several) => several];

function quoted(names: readonly string[]): string {
  const shown = names.slice(0, NAMED).map((name) => `"${name}"`);
  const rest = names.length - shown.length;
  return rest > 0 ? `${shown.join(', ')} and ${rest} more` : shown.join(', ');
}
