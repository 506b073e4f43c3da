/** Every type of event, by the noun that it is about, and what it tells. Callers see the names behind `dev.pkgserver.`. */
export const EVENT_TYPES = {
  'repository.registered': 'A repository was registered.',
  'repository.changed': 'The settings of a repository were changed.',
  'repository.unregistered': 'A repository was unregistered, with all that was indexed of it.',
  'repository.discovered':
    'A repository was read to its end for the first time. What it held by then has no events of its own.',
  'repository.failed': 'A repository cannot be read.',
  'repository.recovered': 'A repository can be read again.',
  'package.appeared': 'A package is there that was not.',
  'package.changed': 'What the branch holds of a package, or its labels or annotations, changed.',
  'package.upstreamBehind':
    'A newer version of what a package was made from is published: told once of each newest one.',
  'package.delivered': 'A delivery tool reported another state, health or content of a package.',
  'package.disappeared': 'Nothing of a package is left.',
  'target.created': 'A target was made, or the first package that goes there appeared.',
  'target.changed': 'The description, the labels or the repositories of a target were changed.',
  'target.deleted': 'A target was deleted.',
  'variant.created': 'A variant was made.',
  'variant.changed': 'What somebody, or its set, says of a variant was changed.',
  'variant.stateChanged': 'A variant is in another state: `state` says which.',
  'variant.deleted': 'A variant is gone.',
  'campaign.planned': 'It is worked out what a campaign would do.',
  'campaign.approved': 'Somebody stands for the plan of a campaign; `state` is `approved` once nobody is missing.',
  'campaign.started': 'A campaign was begun.',
  'campaign.waveStarted': 'A wave of a campaign has begun.',
  'campaign.waveFinished': 'All items of a wave have ended, and its gate is open.',
  'campaign.waiting': 'The next wave of a campaign waits for somebody to let it begin.',
  'campaign.paused': 'No item of a campaign begins any more: `reason` is `asked`, `failures` or `unhealthy`.',
  'campaign.resumed': 'A campaign that was paused goes on.',
  'campaign.finished': 'A campaign has ended; `state` is `finished` or `aborted`.',
  'campaign.itemStarted': 'A campaign has begun with one package.',
  'campaign.itemHeldBack': 'What had begun for one package is held back before it is published: the budget is spent.',
  'campaign.itemPublished': 'What a campaign planned for one package is published, and is watched for a while.',
  'campaign.itemEnded': 'A campaign has ended with one package: `done`, `failed`, `skipped` or `setAside`.',
  'packageRevision.created': 'A draft was begun, or found as a branch of somebody.',
  'packageRevision.edited': 'The content of a draft changed.',
  'packageRevision.labelled': 'The labels or annotations of a revision changed.',
  'packageRevision.proposed': 'A draft was proposed.',
  'packageRevision.withdrawn': 'Whoever proposed a draft took that back.',
  'packageRevision.rejected': 'A proposal was sent back.',
  'packageRevision.approved': 'A proposal was approved; its publication follows once nothing is missing.',
  'packageRevision.approvalWithdrawn': 'An approval was taken back.',
  'packageRevision.published': 'A revision was published.',
  'packageRevision.publishedExternally': 'A sync found a tag that somebody else has set.',
  'packageRevision.tagMoved': 'A sync found the tag of a published revision on another commit.',
  'packageRevision.deletionProposed': 'It was proposed to delete a published revision.',
  'packageRevision.deletionRejected': 'A published revision stays.',
  'packageRevision.deleted': 'A revision is gone.',
  'packageRevision.conditionSet': 'The conditions of a revision changed.',
  'packageRevision.conflicted': 'A draft and its branch were changed at the same time.',
  'packageRevision.conflictResolved': 'Such a conflict was settled.',
  'packageRevision.rebased': 'A draft was brought onto what the branch holds now.',
  'packageRevision.overwriteAllowed': 'It was decided that a draft replaces what the branch holds.',
  'drift.found': 'Git holds something, or holds it no more, that the service did not write.',
  'drift.acknowledged': 'Somebody knows of it, and lets it be.',
  'drift.resolved': 'That is over: `resolution` is `adopted`, `restored` or `gone`.',
  'operation.finished': 'An operation succeeded, failed or was cancelled.',
  'webhook.tested': 'Somebody had a webhook tested. Of webhooks, only this one is told.',
  'webhook.disabled': 'The service disabled a webhook: `reason` is `gone`, `failing` or `ownerLost`.',
} as const;

export type EventType = keyof typeof EVENT_TYPES;

export const EVENT_TYPE_NAMES = Object.keys(EVENT_TYPES) as [EventType, ...EventType[]];

export const EVENT_NOUNS = [
  'repository',
  'package',
  'target',
  'variant',
  'campaign',
  'packageRevision',
  'drift',
  'operation',
  'webhook',
] as const;

/** What an event can be about. */
export type EventNoun = (typeof EVENT_NOUNS)[number];

export const nounOf = (type: EventType): EventNoun => type.slice(0, type.indexOf('.')) as EventNoun;

/** As CloudEvents want it: a name that nobody else uses. */
export const fullName = (type: EventType): string => `dev.pkgserver.${type}`;

const BY_FULL_NAME = new Map(EVENT_TYPE_NAMES.map((type) => [fullName(type), type]));

/** The type of this name, with `dev.pkgserver.` or without; undefined: there is no such type. */
export const typeNamed = (name: string): EventType | undefined =>
  BY_FULL_NAME.get(name) ?? EVENT_TYPE_NAMES.find((type) => type === name);
