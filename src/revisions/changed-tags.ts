import { Injectable } from '@nestjs/common';
import { Prisma } from '../database/generated/client.js';
import { stated } from '../domain/condition.js';
import { tagRef } from '../domain/ref-layout.js';
import type { Condition, Upstream } from '../domain/revision.js';
import { type KnownRevision, publishedColumns } from './discovered-publications.js';
import { DriftLog } from './drift/drift-log.js';
import type { FoundDrift, InGit } from './drift/found-drift.js';
import type { TagFacts } from './git-facts.js';
import { RevisionWriter } from './revision-writer.js';
import { MOVED_TO } from './moved-tag.js';
import { UnfinishedWork } from './unfinished-work.js';

/** A tag that is no published revision any more. */
export interface GoneTag {
  path: string;
  /** The package's directory in the Git tree. */
  directory: string;
  revision: string;
  /** The tag is there, and what it points to has no such package. */
  isThere: boolean;
  byOthers: true;
}

const CONDITION = 'ChangedOutside';
const PUBLISHED = Prisma.sql`r.lifecycle IN ('published', 'deletionProposed')`;

/**
 * What becomes of a published revision whose tag somebody has moved or deleted. What was published here stays as it was
 * reviewed; what others have published follows its tag. Runs inside the transaction of a sync.
 */
@Injectable()
export class ChangedTags {
  constructor(
    private readonly work: UnfinishedWork,
    private readonly writer: RevisionWriter,
    private readonly drift: DriftLog,
  ) {}

  /** Gives whether the revision has what its tag holds now. */
  async move(row: KnownRevision, tag: TagFacts): Promise<boolean> {
    const follows = row.external || !tag.external || (await this.work.isOn(row.id));
    if (follows) {
      await this.writer.keepAsTombstone(row.id);
      const conditions = [
        said(
          'TagMoved',
          `The tag ${row.tag ?? ''} was moved outside of pkgserver; it was at commit ${row.commit ?? 'unknown'}.`,
        ),
      ];
      await this.writer.update('tagMoved', row, { ...publishedColumns(tag), conditions });
    } else await this.keep(row, said('TagMoved', `The tag ${row.tag ?? ''} ${MOVED_TO} ${tag.commit}.`), 'tagMoved');
    // What the service did itself, and had no time to write down, is none.
    if (tag.external) await this.drift.found([drifted('tagMoved', row, tag.ref, { ...tag.tip, tree: tag.tree })]);
    return follows;
  }

  /** The tag holds what was published. */
  async putBack(row: KnownRevision, ref: string): Promise<void> {
    if (!conditionsOf(row).some(({ type }) => type === CONDITION)) return;
    const conditions = conditionsOf(row).filter(({ type }) => type !== CONDITION);
    await this.writer.update('conditionSet', row, { conditions });
    await this.drift.over([{ repositoryId: row.repositoryId, key: ref }]);
  }

  /** Gives the workspace of a revision that went with its tag; null where none did. */
  async lose(
    packageId: string,
    { directory, revision, isThere }: GoneTag,
    known: readonly KnownRevision[],
  ): Promise<string | null> {
    const row = known.find((one) => one.packageId === packageId && one.revision === revision);
    if (!row) return null;
    const ref = tagRef(directory, revision);
    const kind = isThere ? 'tagMoved' : 'tagDeleted';
    const isAtWork = await this.work.isOn(row.id);
    if (!row.external && !isAtWork) {
      const what = isThere ? 'moved to where the package is not' : 'deleted';
      const condition = said('TagDeleted', `The tag ${row.tag ?? ''} was ${what}, outside of pkgserver.`);
      await this.keep(row, condition, isThere ? 'tagMoved' : 'conditionSet');
      await this.drift.found([drifted(kind, row, ref, {})]);
      return null;
    }
    const by = isAtWork ? await this.work.deleterOf(row.id) : null;
    const condition = Prisma.sql`r.id = ${row.id}::uuid AND ${PUBLISHED}`;
    const gone = await this.writer.remove(by === null ? 'disappeared' : 'deleted', condition, by);
    if (gone.length === 0) return null;
    if (!isAtWork) await this.drift.found([{ ...drifted(kind, row, ref, {}), revisionId: null }]);
    return row.workspace;
  }

  private async keep(row: KnownRevision, condition: Condition, kind: 'tagMoved' | 'conditionSet'): Promise<void> {
    const before = conditionsOf(row);
    if (before.some(({ type, message }) => type === CONDITION && message === condition.message)) return;
    const conditions = [...before.filter(({ type }) => type !== CONDITION), condition];
    await this.writer.update(kind, row, { conditions });
  }
}

const conditionsOf = ({ conditions }: KnownRevision) => conditions as unknown as Condition[];

const said = (reason: 'TagMoved' | 'TagDeleted', message: string): Condition => ({
  ...stated(CONDITION, reason, message),
  lastTransitionTime: new Date().toISOString(),
});

function drifted(kind: FoundDrift['kind'], row: KnownRevision, ref: string, git: InGit): FoundDrift {
  const { id: revisionId, repositoryId, path, commit, tree, revision, workspace } = row;
  const upstream = row.upstream as unknown as Upstream | null;
  return { kind, repositoryId, path, ref, revisionId, git, held: { commit, tree, revision, workspace, upstream } };
}
