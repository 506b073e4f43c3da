/** What is special about a kind of operation. All code that treats kinds differently asks these facts. */
export interface KindFacts {
  /** For readers of the API; a verb and what follows it. */
  does: string;
  /**
   * What a worker holds the lease of meanwhile: the one repository that the work touches, the instance as a whole, or the
   * operation alone, so that many of the kind go on at a time.
   */
  scope: 'repository' | 'instance' | 'operation';
  /**
   * The sync with which a worker begins each visit is all of the work. So a worker begins the operation also while the
   * remote does not answer, since its caller asks for just that, and shows the progress of the sync on it.
   */
  readsOnly: boolean;
  /**
   * The faults after which the engine tries again by itself:
   * - `never`: none; something else repeats the work, such as the poll.
   * - `transient`: those that pass without anybody's help.
   * - `transientForAnHour`: the same, until an hour after it was begun: it asks a place that may never have been one.
   * - `always`: all but a conflict that a person has to settle: nobody waits for the end, and nothing accepted may be lost.
   */
  retries: 'never' | 'transient' | 'transientForAnHour' | 'always';
  /**
   * When a request to cancel ends the operation:
   * - `never`: it carries an accepted change to the remote, and the request is refused.
   * - `anytime`: at the next step.
   * - `untilPushed`: until its work may be on the remote. The engine notes that in `progress` before it pushes; from
   *   then on the handler has to look at the remote first.
   */
  cancels: 'never' | 'anytime' | 'untilPushed';
  /**
   * How two operations of the kind on the same thing become one:
   * - `never`: each request has an operation of its own.
   * - `waiting`: a request is answered with the operation that no worker has begun yet.
   * - `always`: moreover, of several that wait for a worker the first does the work of all; nobody waits for the others.
   */
  folds: 'never' | 'waiting' | 'always';
  /** Of one that begins others: it goes on with each that has ended; left out, once all have. */
  goesOnWithEach?: true;
  /** While it is unfinished nobody changes its revision, which "is being …"; null: changes go on. */
  blocksEdits: 'published' | 'deleted' | null;
  /**
   * It brings its revision's branches to the remote: the revision shows why it waits, the commits on the branches bear
   * its id, and where the revision is deleted meanwhile a branch may be left behind.
   */
  writesBranches: boolean;
  /** The action of the entry that the audit log gets when it succeeds; null: it gets none then. */
  auditAction: string | null;
}

/**
 * The kinds of operations. A new one needs, beside its entry here, the type of its payload (`operation-payloads`) and a handler (see
 * CONTRIBUTING); the compiler asks for both.
 */
export const OPERATION_KINDS = {
  /** Brings the index up to date with the remote. */
  sync: {
    does: 'reads the remote',
    scope: 'repository',
    readsOnly: true,
    retries: 'never',
    cancels: 'anytime',
    folds: 'waiting',
    blocksEdits: null,
    writesBranches: false,
    auditAction: null,
  },
  /** Makes the remote's branches of a revision what its row says (draft, proposed or deletionProposed). */
  push: {
    does: 'writes a draft to it',
    scope: 'repository',
    readsOnly: false,
    retries: 'always',
    cancels: 'never',
    folds: 'always',
    blocksEdits: null,
    writesBranches: true,
    auditAction: null,
  },
  /** Removes the branches of a deleted draft, if they are still where they were left. */
  discard: {
    does: 'removes a deleted draft',
    scope: 'repository',
    readsOnly: false,
    retries: 'always',
    cancels: 'never',
    folds: 'never',
    blocksEdits: null,
    writesBranches: false,
    auditAction: null,
  },
  /** Merges, numbers, tags and pushes; bound to the tree that the approver saw. */
  publish: {
    does: 'merges and tags',
    scope: 'repository',
    readsOnly: false,
    retries: 'transient',
    cancels: 'untilPushed',
    folds: 'never',
    blocksEdits: 'published',
    writesBranches: false,
    auditAction: 'packageRevision.published',
  },
  /** Removes the tag of a published revision, and its package's directory with the last one. */
  delete: {
    does: 'removes a published revision',
    scope: 'repository',
    readsOnly: false,
    retries: 'transient',
    cancels: 'untilPushed',
    folds: 'never',
    blocksEdits: 'deleted',
    writesBranches: false,
    auditAction: 'packageRevision.deleted',
  },
  /** Takes one action on many package revisions, each judged by itself; ends when the operations have that this began. */
  bulk: {
    does: 'takes one action on many package revisions',
    scope: 'operation',
    readsOnly: false,
    retries: 'always',
    cancels: 'anytime',
    folds: 'never',
    blocksEdits: null,
    writesBranches: false,
    auditAction: null,
  },
  /** Begins a draft, or fills a folder of one, with what a place in Git holds that no repository is registered for. */
  clone: {
    does: 'reads a package at its place in Git and begins a draft, or fills a folder of one, with it',
    scope: 'operation',
    readsOnly: false,
    retries: 'transientForAnHour',
    cancels: 'anytime',
    folds: 'never',
    blocksEdits: null,
    writesBranches: false,
    auditAction: 'packageRevision.cloned',
  },
  /** Works out what a campaign would do to each package. */
  campaignPlan: {
    does: 'plans a campaign',
    scope: 'operation',
    readsOnly: false,
    retries: 'always',
    cancels: 'anytime',
    folds: 'never',
    blocksEdits: null,
    writesBranches: false,
    auditAction: null,
  },
  /** Carries a campaign out, wave by wave, until its last item has ended. */
  campaign: {
    does: 'carries a campaign out',
    scope: 'operation',
    readsOnly: false,
    retries: 'always',
    cancels: 'never',
    folds: 'never',
    goesOnWithEach: true,
    blocksEdits: null,
    writesBranches: false,
    auditAction: null,
  },
  /** Removes what nothing refers to any more, and what has been kept as long as it is promised. */
  retention: {
    does: 'removes what is not needed any more',
    scope: 'instance',
    readsOnly: false,
    retries: 'transient',
    cancels: 'anytime',
    folds: 'waiting',
    blocksEdits: null,
    writesBranches: false,
    auditAction: null,
  },
  /** Tells what was made from packages that newer versions of these are published, and settles what no change has settled. */
  upstreams: {
    does: 'tells what was cloned that a newer version is there',
    scope: 'instance',
    readsOnly: false,
    retries: 'transient',
    cancels: 'anytime',
    folds: 'waiting',
    blocksEdits: null,
    writesBranches: false,
    auditAction: null,
  },
  /** Brings variants, and the members of sets of them, in step with what they are made from. */
  variants: {
    does: 'keeps variants in step with what they are made from',
    scope: 'operation',
    readsOnly: false,
    retries: 'transient',
    cancels: 'anytime',
    folds: 'waiting',
    blocksEdits: null,
    writesBranches: false,
    auditAction: null,
  },
} as const satisfies Record<string, KindFacts>;
