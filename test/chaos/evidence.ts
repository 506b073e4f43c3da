import type { Database } from '../../src/database/database.js';
import type { Operation, PackageRevision, RemoteRef, Repository } from '../../src/database/generated/client.js';
import { GitSnapshot, trailer } from '../support/git-snapshot.js';
import type { Ledger, RevisionRecord } from './ledger.js';
import { readUpdateLog, type Update } from './update-log.js';
import type { WorldRepository } from './world.js';

/** All that is known of one repository once everything is quiet: of Git, of Postgres, and of what clients were told. */
export interface Evidence {
  repository: WorldRepository;
  git: GitSnapshot;
  updates: Map<string, Update[]>;
  row: Repository;
  /** What the index knows of the remote's refs. */
  known: Map<string, RemoteRef>;
  revisions: Map<string, PackageRevision>;
  operations: Map<string, Operation>;
  records: RevisionRecord[];
  ledger: Ledger;
}

export async function gather(database: Database, repository: WorldRepository, ledger: Ledger): Promise<Evidence> {
  const { client } = database;
  const where = { repositoryId: repository.id };
  const [row, known, revisions, operations] = [
    await client.repository.findUniqueOrThrow({ where: { id: repository.id } }),
    await client.remoteRef.findMany({ where }),
    await client.packageRevision.findMany({ where }),
    await client.operation.findMany({ where }),
  ];
  return {
    ...{ repository, row, ledger },
    git: await GitSnapshot.read(repository.path),
    updates: await readUpdateLog(repository.path),
    known: new Map(known.map((ref) => [ref.name, ref])),
    revisions: new Map(revisions.map((revision) => [revision.id, revision])),
    operations: new Map(operations.map((operation) => [operation.id, operation])),
    records: ledger.of(repository.name),
  };
}

/** Publications of ours that stay as they were although others have moved or deleted their tags: Git has them no more. */
export const outlived = ({ git, revisions }: Evidence): PackageRevision[] =>
  [...revisions.values()].filter(({ external: isExternal, lifecycle, tag, commit }) => {
    if (isExternal || (lifecycle !== 'published' && lifecycle !== 'deletionProposed')) return false;
    const oid = git.refs.get(`refs/tags/${tag}`);
    return oid === undefined || git.peel(oid) !== commit;
  });

export const MAIN = 'refs/heads/main';

/** F of a revision's row. */
export const directoryOf = ({ directory }: WorldRepository, path: string): string =>
  directory === '' ? path : `${directory}/${path}`;

export const draftRefs = (directory: string, workspace: string): string[] =>
  ['drafts', 'proposed'].map((kind) => `refs/heads/${kind}/${directory}/${workspace}`);

/** What others did to these refs. */
export function byOthers({ updates }: Evidence, refs: readonly string[]): Update[] {
  return refs.flatMap((ref) => updates.get(ref) ?? []).filter(({ byPkgserver }) => !byPkgserver);
}

/** What others did to the tags of a package. */
export function tagsByOthers({ updates }: Evidence, directory: string): Update[] {
  const refs = [...updates.keys()].filter(
    (ref) => ref.replace(/\/[^/]+$/, '') === `refs/tags/${directory}` || isDeletionProposal(ref, directory),
  );
  return refs.flatMap((ref) => updates.get(ref) ?? []).filter(({ byPkgserver }) => !byPkgserver);
}

const isDeletionProposal = (ref: string, directory: string): boolean =>
  ref.replace(/\/[^/]+$/, '') === `refs/heads/deletionProposed/${directory}`;

/** The publish commits on the history of the ref: by the operation that made them. */
export function publishCommits({ git }: Evidence): Map<string, { oid: string; directory: string; revision: string }[]> {
  const head = git.refs.get(MAIN);
  const found = new Map<string, { oid: string; directory: string; revision: string }[]>();
  for (const oid of head === undefined ? [] : git.history(head)) {
    const { message } = git.commit(oid);
    const operation = trailer(message, 'Operation');
    if (operation === null || !message.startsWith('Publish ')) continue;
    const entry = { oid, directory: trailer(message, 'Package') ?? '', revision: trailer(message, 'Revision') ?? '' };
    found.set(operation, [...(found.get(operation) ?? []), entry]);
  }
  return found;
}
