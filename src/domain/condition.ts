import type { Condition } from './revision.js';

export interface Reason {
  status: Condition['status'];
  /** The text of docs/operating.md: when a resource has this reason, and what its reader does where `todo` is null. */
  meaning: string;
  /** The sentence that ends each message with this reason: what its reader does. Null: nothing, or the message itself says it. */
  todo: string | null;
}

/** Every condition that pkgserver sets by itself, with its reasons. What people and programs report has other types. */
export const CONDITIONS = {
  Ready: {
    Syncing: {
      status: 'Unknown',
      meaning: 'The repository was registered and has not been read yet. It is read within seconds.',
      todo: null,
    },
    Reachable: {
      status: 'True',
      meaning:
        'Only in what a registration with `?dryRun=true` answers: the remote listed its refs. What it holds is read once it is registered.',
      todo: null,
    },
    Synced: { status: 'True', meaning: 'The index holds what the remote holds.', todo: null },
    Unreachable: {
      status: 'False',
      meaning: 'No connection, or one that broke.',
      todo: 'It is tried again by itself; see whether the host is up and can be reached from the workers.',
    },
    Timeout: {
      status: 'False',
      meaning: 'The remote took a connection and did not answer in `GIT_TIMEOUT_SECONDS`.',
      todo: 'It is tried again by itself; where a repository is that slow, raise GIT_TIMEOUT_SECONDS.',
    },
    AuthenticationFailed: {
      status: 'False',
      meaning: 'The remote refuses the credential, or wants one.',
      todo: 'Change the credential’s secret, or give the repository one (git.credentialId).',
    },
    RepositoryNotFound: {
      status: 'False',
      meaning: 'The host has no such repository, or hides it from this credential. Git hosts do not tell these apart.',
      todo: 'Correct git.url, or give the repository a credential that may read it.',
    },
    RefNotFound: {
      status: 'False',
      meaning:
        'The repository has branches, and not the one in `git.ref`; the message names some. Make it, or set `git.ref`.',
      todo: null,
    },
    HistoryDiffers: {
      status: 'False',
      meaning:
        'After `git.url` or `git.ref` was changed: the new place does not hold the commit that was seen last in the old one. Nothing is read or written there.',
      todo: 'Set git.url and git.ref to a place that holds it, or register another repository.',
    },
    NotAGitRepository: {
      status: 'False',
      meaning: 'Something answers there that does not speak Git, such as a web page.',
      todo: 'Correct git.url.',
    },
    TooLarge: {
      status: 'False',
      meaning: 'A fetch would bring more than `GIT_MAX_PACK_BYTES`, or the answer is larger than any sane one.',
      todo: 'Raise GIT_MAX_PACK_BYTES if it is meant.',
    },
    HostRefused: {
      status: 'False',
      meaning: 'The host has a private address, or may not be asked over plain `http`.',
      todo: 'Name it in GIT_ALLOWED_HOSTS if it is meant.',
    },
    DiskFull: {
      status: 'False',
      meaning: 'The disk (or the quota) under the `DATA_DIR` of the worker is full. Nothing is lost.',
      todo: 'Make room under DATA_DIR; it is tried again by itself.',
    },
    DiskNotWritable: {
      status: 'False',
      meaning: 'The worker may not read or write in its `DATA_DIR`, or the disk may only be read.',
      todo: 'Give DATA_DIR to the user of the process, on a disk that can be written; it is tried again by itself.',
    },
    DiskFailing: {
      status: 'False',
      meaning: 'The disk under the `DATA_DIR` of the worker fails, or is not connected any more.',
      todo: 'See to the disk under DATA_DIR; it is tried again by itself.',
    },
    LimitReached: {
      status: 'False',
      meaning: 'The worker has no file, process or memory left that it may use.',
      todo: 'Raise the limit (ulimit -n, the memory or the processes of the container); it is tried again by itself.',
    },
    GitMissing: {
      status: 'False',
      meaning: 'There was a `git` when the worker started, and now there is none that it may run.',
      todo: 'Install git again, or start the process with GIT_TRANSPORT=javascript; it is tried again by itself.',
    },
    SealingKeyMissing: {
      status: 'False',
      meaning: 'The credential was sealed with a key that the worker does not have. What is to be done waits.',
      todo: 'Give every process the same keys (CREDENTIALS_KEY), or set the credential’s secret again where the key is lost; it is tried again by itself.',
    },
    GitEnded: {
      status: 'False',
      meaning: 'Something ends `git` while it works for the worker, such as a limit of memory.',
      todo: 'See who ends it (the log of the kernel tells of a lack of memory); it is tried again by itself.',
    },
  },
  DraftsWritable: {
    BranchInTheWay: {
      status: 'False',
      meaning:
        'The repository has a branch called `drafts`, `proposed` or `deletionProposed`, beside which Git can hold no branch below that name: no draft is pushed. Rename it; what waits is pushed by itself then.',
      todo: null,
    },
    PushRefused: {
      status: 'False',
      meaning:
        'The host answers, and refuses to be written to: the message has its words. Drafts wait; what was to be published or deleted has failed, and can be tried again by `POST …/retry`. It passes with the first push that is taken.',
      todo: 'Give the service’s account there the right to push, or the repository another credential (git.credentialId); what waits is pushed by itself then.',
    },
  },
  BranchesLeftOver: {
    DeletionRefused: {
      status: 'True',
      meaning:
        'The host refuses to delete branches of drafts that were published or deleted. What was asked for is done.',
      todo: 'Allow the service to delete below drafts/, proposed/ and deletionProposed/, or delete them there; it is asked again each hour.',
    },
  },
  PackagesFound: {
    NoKptfile: {
      status: 'False',
      meaning:
        'Nothing is a package by the rule that the repository has, while directories hold Kubernetes objects; the message says how many. Set `discovery.mode` to `krm`.',
      todo: null,
    },
    NothingMatches: {
      status: 'False',
      meaning:
        'The same where `discovery.mode` is `krm`: its patterns leave out all that holds Kubernetes objects, or these lie in the root of the repository only.',
      todo: null,
    },
  },
  ChangedOutside: {
    TagMoved: {
      status: 'True',
      meaning:
        'Somebody moved the tag of a published revision. One that was published here stays as it was reviewed; one that others have published shows what the tag holds now. The message names the other commit; `GET /drift` has the rest.',
      todo: 'Look at what it holds now, and at who may move tags.',
    },
    TagDeleted: {
      status: 'True',
      meaning:
        'Somebody deleted the tag of a revision that was published here, or moved it to where its package is not. The revision stays as it was reviewed.',
      todo: 'Delete the revision here if that is meant, or set the tag again.',
    },
  },
  PublishedOutside: {
    TagFound: {
      status: 'True',
      meaning:
        'On a published revision: its tag was not set by this service, so that nobody approved it here. Look at it, and at who may push tags; one that is not meant is taken off by a deletion.',
      todo: null,
    },
  },
  BaseOutdated: {
    PublishedSince: {
      status: 'True',
      meaning:
        'On a draft or proposal: another revision of the package was published since it was begun. It is not published as it is; its author rebases it.',
      todo: null,
    },
  },
  HeadDiffers: {
    ChangedOnRef: {
      status: 'True',
      meaning:
        'On a draft or proposal: somebody changed the package on the ref since it was begun, by no publication. It is not published as it is; its author rebases it.',
      todo: null,
    },
  },
  LfsPointers: {
    BytesElsewhere: {
      status: 'True',
      meaning:
        'On a revision that was cloned into another repository: it holds files that Git LFS keeps the bytes of, and these stayed with the upstream. Push them to the LFS store of this repository (`git lfs push`), or put the contents in place of the pointers. It is said of the content that it was noted for.',
      todo: null,
    },
  },
  FilesReadable: {
    ParseErrors: {
      status: 'False',
      meaning:
        'On a revision that was proposed with files that cannot be read as YAML: nothing is known of the objects in them, and no manifests are given for a cluster. It is said of the content that it was noted for.',
      todo: 'Correct the files, or give them names that do not end as those of YAML do.',
    },
  },
  Unattributed: {
    UnknownAuthors: {
      status: 'True',
      meaning:
        'On a draft or proposal: its branch holds commits of people whose address is that of no user here, so that nobody can tell whether they approve their own work. One approval more than the policy says is needed. It passes when they sign in with that address, verified by the identity provider.',
      todo: null,
    },
  },
  Conflicted: {
    NotSettled: {
      status: 'True',
      meaning:
        'On a draft that a variant has made: the blueprint and the package have changed the same in ways that do not go together, and nobody has settled that. The draft holds there what the package had. `GET /variants/{id}/conflicts` has them, and `PATCH /variants/{id}` settles them. It is said of the content that it was noted for.',
      todo: null,
    },
  },
  OverwritesHead: {
    AskedFor: {
      status: 'True',
      meaning:
        'On a revision: somebody has set `overwriteHead`, so that its publication undoes what the message names.',
      todo: 'Look at the differences before you approve it.',
    },
  },
} as const satisfies Record<string, Record<string, Reason>>;

type Conditions = typeof CONDITIONS;

/** Nobody else sets or removes these. */
export const isOwnCondition = (type: string): boolean => Object.hasOwn(CONDITIONS, type);

/** Why a repository can be read, or cannot. */
export type ReadyReason = keyof Conditions['Ready'];

/** A condition as it is stored, but for its time. */
export type Stated = Omit<Condition, 'lastTransitionTime' | 'type'> & { type: keyof Conditions };

/** `message` is a sentence for people; where the table has something to do, that follows. */
export function stated<Type extends keyof Conditions>(
  type: Type,
  reason: keyof Conditions[Type] & string,
  message: string,
): Stated {
  const reasons: Readonly<Record<string, Reason>> = CONDITIONS[type];
  const { status = 'Unknown', todo = null } = reasons[reason] ?? {};
  if (todo === null || message.includes(todo)) return { type, status, reason, message };
  // A remote's message may end without a full stop, before which the advice is not put.
  const sentence = /[.!?]$/.test(message) ? message : `${message}.`;
  return { type, status, reason, message: `${sentence} ${todo}` };
}
