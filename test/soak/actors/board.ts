import type { Client } from '../../chaos/client.js';
import { type Evidence, publishCommits } from '../../chaos/evidence.js';
import type { WorldRepository } from '../../chaos/world.js';
import type { Random } from '../../support/random.js';
import { approve, proposal } from '../drafting.js';
import { evidenceOf, type Guest, type Stage } from '../stage.js';

const REQUIRED = 2;
const APPROVERS = ['approver-0', 'approver-1', 'approver-2', 'approver-3'];
const MOST_OPEN = 3;

interface Proposal {
  id: string;
  tree: string;
  /** Who has approved it, or may have: an answer can be lost. */
  by: Set<string>;
  isOver: boolean;
}

/** People who approve what needs two of them, and some who approve it twice. */
export class Board implements Guest {
  readonly kind = 'board';
  readonly weight = 6;
  private readonly proposals = new Map<string, Proposal>();
  private readonly faults: string[] = [];
  private count = 0;

  private constructor(
    private readonly repository: WorldRepository,
    private readonly author: Client,
    private readonly approvers: readonly Client[],
    private readonly random: Random,
  ) {}

  static async create(stage: Stage): Promise<Board> {
    const policy = { requiredApprovals: REQUIRED, selfApproval: false };
    const repository = await stage.open('controlled', policy);
    const approvers = await Promise.all(APPROVERS.map((name) => stage.client(name)));
    return new Board(repository, await stage.client('board-author'), approvers, stage.fork());
  }

  async act(): Promise<void> {
    const open = [...this.proposals.values()].filter(({ isOver }) => !isOver);
    if (open.length < MOST_OPEN) return this.propose();
    const [proposal, someone] = [this.random.pick(open), this.random.pick(this.approvers)];
    const again = this.random.chance(0.5);
    const before = this.approvers.find(({ name }) => proposal?.by.has(name) === true);
    const approver = again ? (before ?? someone) : someone;
    if (proposal && approver) await this.approve(proposal, approver);
  }

  async settle(): Promise<void> {
    // Whoever is asked last goes by what was asked for meanwhile.
    for (const proposal of this.proposals.values()) {
      for (const approver of this.approvers) if (!proposal.isOver) await this.approve(proposal, approver);
    }
  }

  async check(all: readonly Evidence[]): Promise<string[]> {
    const evidence = evidenceOf(all, this.repository);
    const commits = publishCommits(evidence);
    const faults = [...this.faults];
    let published = 0;
    for (const { id, kind, state, revisionId } of evidence.operations.values()) {
      const proposal = this.proposals.get(revisionId ?? '');
      const [commit] = commits.get(id) ?? [];
      if (kind !== 'publish' || state !== 'succeeded' || !commit) continue;
      published += 1;
      const { message } = evidence.git.commit(commit.oid);
      const named = new Set([...message.matchAll(/^Approved-by: (.+)$/gm)].map(([, name]) => name ?? ''));
      if (named.size < REQUIRED)
        faults.push(`approvals: ${id} was published with those of ${[...named].join(', ')} alone`);
      const strangers = [...named].filter((name) => proposal?.by.has(name) !== true);
      if (strangers.length > 0) faults.push(`approvals: ${id} names ${strangers.join(', ')}, who did not approve it`);
      const tree = evidence.git.treeAt(commit.oid, commit.directory);
      if (tree !== proposal?.tree) faults.push(`approvals: ${id} published ${tree}; approved was ${proposal?.tree}`);
    }
    const due = [...this.proposals.values()].filter(({ isOver }) => isOver).length;
    if (published < due) faults.push(`approvals: ${due} proposals were approved, and ${published} published`);
    return faults;
  }

  private async propose(): Promise<void> {
    this.count += 1;
    const made = await proposal(this.author, this.repository.id, `p${this.count}`);
    if (!made) return;
    const { id, tree } = made.body;
    this.proposals.set(id, { id, tree, by: new Set(), isOver: false });
  }

  private async approve(proposal: Proposal, approver: Client): Promise<void> {
    const seen = await approver.get(`/package-revisions/${proposal.id}`);
    if (seen.status !== 200) return;
    const answer = await approve(approver, seen);
    if (answer.status === 200 || answer.status === 202 || answer.status === 0) proposal.by.add(approver.name);
    if (answer.status !== 202) return;
    proposal.isOver = true;
    if (proposal.by.size < REQUIRED) {
      const by = [...proposal.by].join(', ');
      this.faults.push(`approvals: ${proposal.id} needs ${REQUIRED}, and was published after those of ${by} alone`);
    }
  }
}
