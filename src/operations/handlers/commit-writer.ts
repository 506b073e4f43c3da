import { Injectable } from '@nestjs/common';
import { ContentStore } from '../../content/content.store.js';
import { EMPTY_TREE, buildTrees } from '../../git/objects/git-hash.js';
import type { PackageRevision } from '../../database/generated/client.js';
import { DomainError } from '../../domain/errors.js';
import { packageDirectory } from '../../domain/identity.js';
import type { Decision, RevisionSource, Upstream } from '../../domain/revision.js';
import { majorNumber } from '../../domain/version.js';
import type { GitObjects } from '../../git/port.js';
import { objectsBelow, replaceTree, withDirectories } from '../../git/objects/tree.js';
import type { OperationPayloads } from '../../domain/operation.js';
import type { CampaignMark } from '../../domain/operation-payloads.js';
import type { TypedOperation } from '../../jobs/typed-operation.js';
import type { OperationGroup } from '../engine/group.js';
import { CommitSigner } from './commit-signer.js';
import type { GroupVersion } from './drift.js';
import { GitSeal } from '../sync/git-seal.js';
import {
  baseTrailers,
  campaignTrailers,
  contributorTrailers,
  decisionTrailers,
  originTrailers,
  readRecord,
} from '../sync/commit-record.js';

/** Who let a publication through, in their order; `approvedBy` is the last. */
export interface Approvals {
  approvedBy: string;
  approvers: readonly string[];
  /** What the last of them said. */
  comment: string | null;
  /** The reason for doing without what the policy asks for. */
  breakGlass: string | null;
  /** What it was published for. */
  campaign: CampaignMark | null;
}

export function approvalsOf(payload: OperationPayloads['publish']): Approvals {
  const { approvedBy, approvers = [approvedBy], comment = null, breakGlass, campaign = null } = payload;
  return { approvedBy, approvers, comment, breakGlass: breakGlass?.reason ?? null, campaign };
}

/** Makes pkgserver's commits and tags in the mirror and notes their objects in the group's plan. */
@Injectable()
export class CommitWriter {
  constructor(
    private readonly content: ContentStore,
    private readonly seal: GitSeal,
    private readonly signer: CommitSigner,
  ) {}

  /**
   * The draft's commit with the content and base it has now: its last one where that holds them, else a new one.
   * Its parent is the base at first, later the draft's last commit; its tree is the whole tree with exactly F replaced.
   * A proposal, a rejection and a withdrawal are commits as well, since Git has no other place that tells whose they are.
   */
  async draftCommit(group: OperationGroup, operation: TypedOperation, row: PackageRevision): Promise<string> {
    const rebased = row.commit !== null && row.baseCommit !== row.pushedBase;
    const unchanged = row.commit !== null && row.tree === row.pushedTree && !rebased;
    if (row.commit !== null && unchanged && !(await this.lacksDecision(group, row, row.commit))) return row.commit;
    const { git, repository } = group.visit;
    await group.visit.ensure([row.commit, row.baseCommit]);
    const directory = packageDirectory(repository.directory, row.path);
    const parents = [row.commit, rebased || row.commit === null ? row.baseCommit : null].filter((oid) => oid !== null);
    const onto = rebased ? row.baseCommit : (row.commit ?? row.baseCommit);
    const ontoTree = onto === null ? null : (await git.readCommit(onto)).tree;
    const { tree, objects } =
      unchanged && ontoTree !== null
        ? { tree: ontoTree, objects: [] }
        : await this.treeWith(group, ontoTree, directory, row);
    const user = unchanged ? (row.proposedBy ?? row.updatedBy) : contributor(row);
    const signed = await this.signer.signed(user, row.updatedAt, {
      subject: `Draft ${directory}/${row.workspace}`,
      trailers: [
        ['Package', directory],
        ['Workspace', row.workspace],
        ...baseTrailers(row),
        ...origin(row),
        ...contributorTrailers(row),
        ...decisionTrailers(row.lastDecision as Decision | null),
        ['Operation', operation.id],
        ['Changed-at', row.updatedAt.toISOString()],
      ],
      kpt: kptLine(directory, row.workspace, '0', row.source),
    });
    const commit = await git.writeCommit(this.seal.commit({ tree, parents, ...signed }));
    group.plan.addObjects([...objects, tree, commit]);
    return commit;
  }

  /** The merge that publishes a draft: parents [head, draft]; F replaced exactly by the reviewed subtree. */
  async publishCommit(
    group: OperationGroup,
    operation: TypedOperation,
    row: PackageRevision,
    merge: { head: string | null; draft: string; revision: string } & Approvals,
  ): Promise<string> {
    const { git, repository } = group.visit;
    const directory = packageDirectory(repository.directory, row.path);
    const headTree = merge.head === null ? null : (await git.readCommit(merge.head)).tree;
    const replaced = await replaceTree(git, headTree, directory, row.tree);
    const tree = replaced.tree ?? (await git.writeTree([]));
    const commit = await git.writeCommit({
      tree,
      parents: [merge.head, merge.draft].filter((oid) => oid !== null),
      ...(await this.signer.signed(merge.approvedBy, operation.createdAt, {
        subject: `Publish ${directory}/${merge.revision}`,
        trailers: [
          ['Package', directory],
          ['Workspace', row.workspace],
          ['Revision', merge.revision],
          ...origin(row),
          ['Operation', operation.id],
          ['Published-at', operation.createdAt.toISOString()],
          ...merge.approvers.map((name): [string, string] => ['Approved-by', name]),
          ...(merge.comment === null ? [] : [['Comment', merge.comment] as [string, string]]),
          ...(merge.breakGlass === null ? [] : [['Break-glass', merge.breakGlass] as [string, string]]),
          ...(merge.campaign === null ? [] : campaignTrailers(merge.campaign)),
        ],
        kpt: kptLine(directory, row.workspace, String(majorNumber(merge.revision)), row.source),
      })),
    });
    group.plan.addObjects([...replaced.written, tree, commit]);
    return commit;
  }

  /** The tag of a publication: its tagger is the approver, at the time of the approval. */
  async publishTag(
    group: OperationGroup,
    operation: TypedOperation,
    tag: { name: string; commit: string; approvedBy: string },
  ): Promise<string> {
    const trailers: [string, string][] = [['Operation', operation.id]];
    const { author: tagger, message } = await this.signer.signed(tag.approvedBy, operation.createdAt, {
      ...{ subject: tag.name, trailers },
    });
    const facts = { object: tag.commit, type: 'commit' as const, tag: tag.name, tagger, message };
    const oid = await group.visit.git.writeTag(this.seal.tag(facts));
    group.plan.addObjects([oid]);
    return oid;
  }

  /**
   * The commit with which a deletion leaves the package's directory on the ref as `content` (null: without it), but for
   * these directories inside it: they stay as the ref has them.
   */
  async deletionCommit(
    group: OperationGroup,
    operation: TypedOperation,
    row: PackageRevision,
    { head, content, kept }: { head: string; content: GroupVersion | null; kept: readonly string[] },
  ): Promise<string> {
    const { git, repository } = group.visit;
    const directory = packageDirectory(repository.directory, row.path);
    const before = (await git.readCommit(head)).tree;
    const subtree = await withDirectories(git, content?.tree ?? null, { before, directory, kept });
    const replaced = await replaceTree(git, before, directory, subtree.tree);
    const tree = replaced.tree ?? (await git.writeTree([]));
    const commit = await git.writeCommit({
      tree,
      parents: [head],
      ...(await this.signer.signed(operation.requestedBy, operation.createdAt, {
        subject:
          content === null ? `Delete ${directory}` : `Delete ${directory}/${row.revision}, back to ${content.revision}`,
        trailers: [
          ['Package', directory],
          ['Revision', row.revision ?? ''],
          ['Operation', operation.id],
        ],
      })),
    });
    group.plan.addObjects([...subtree.written, ...replaced.written, tree, commit]);
    return commit;
  }

  /** Whether the draft was proposed, or sent back, by somebody whom its last commit does not name. */
  private async lacksDecision(group: OperationGroup, row: PackageRevision, commit: string): Promise<boolean> {
    const sentBack = row.lifecycle === 'draft' ? (row.lastDecision as Decision | null) : null;
    if (row.proposedBy === null && sentBack === null) return false;
    await group.visit.ensure([commit]);
    const { proposedBy, decision } = readRecord((await group.visit.git.readCommit(commit)).message);
    return row.proposedBy === null ? decision?.at !== sentBack?.at : proposedBy !== row.proposedBy;
  }

  /** `onto` with exactly the package replaced, and the objects that the remote lacks for it. */
  private async treeWith(group: OperationGroup, onto: string | null, directory: string, row: PackageRevision) {
    const { git } = group.visit;
    const { tree } = row;
    const present = onto === null ? null : await git.treeAt(onto, directory);
    const objects = (await isPushed(git, row, directory)) ? [] : await this.writePackage(group, tree, present);
    const replaced = await replaceTree(git, onto, directory, tree === EMPTY_TREE ? null : tree);
    return { tree: replaced.tree ?? (await git.writeTree([])), objects: [...objects, ...replaced.written] };
  }

  /** Writes the package's trees and blobs into the mirror; returns those that `onRemote`, a tree there, does not hold. */
  private async writePackage(group: OperationGroup, tree: string, onRemote: string | null): Promise<string[]> {
    const { git } = group.visit;
    const files = await this.content.filesOf(tree);
    const { root, trees } = buildTrees(files);
    if (root !== tree) {
      throw new DomainError(
        'invalidPackage',
        'The package holds entries that cannot be written back to Git unchanged.',
      );
    }
    const there = onRemote === null ? new Set<string>() : await objectsBelow(git, onRemote);
    const blobs = [...new Set(files.filter((file) => file.mode !== '160000').map((file) => file.oid))];
    const missing = blobs.filter((oid) => !there.has(oid));
    const contents = await this.content.readBlobs(missing);
    const written: string[] = [];
    for (const oid of missing) {
      const content = contents.get(oid);
      // What is too large to be stored came from this remote, with another revision of the package.
      if (!content && (await git.has(oid))) continue;
      if (!content) throw new Error(`Blob ${oid} of package tree ${tree} is not stored.`);
      written.push(await git.writeBlob(content));
    }
    const newTrees = [...trees].filter(([oid]) => !there.has(oid));
    for (const [, entries] of newTrees) await git.writeTree(entries);
    return [...written, ...newTrees.map(([oid]) => oid)];
  }
}

/** Whether the draft's last commit brought this very tree to the remote, which others may have written in their own way. */
const isPushed = async (git: GitObjects, { commit, tree }: PackageRevision, directory: string): Promise<boolean> =>
  commit !== null && (await git.treeAt(commit, directory)) === tree;

/** Whose content a commit of the draft brings; who has only labelled or handed it in since is not its author. */
const contributor = (row: PackageRevision): string => row.editors.at(-1) ?? row.createdBy;

const origin = (row: PackageRevision): [string, string][] =>
  originTrailers({ source: row.source as RevisionSource, upstream: row.upstream as unknown as Upstream | null });

/** Porch's line: `revision` is "0" in a draft and the bare number when published. */
function kptLine(directory: string, workspaceName: string, revision: string, source: unknown) {
  const { type } = source as RevisionSource;
  return { package: directory, workspaceName, revision, task: { type: type === 'discovered' ? 'edit' : type } };
}
