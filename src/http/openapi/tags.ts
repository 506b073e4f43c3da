import { ApiTags } from '@nestjs/swagger';

/** The groups of the API's operations, in the order in which a newcomer needs them. */
export const TAGS = {
  repositories: 'Git repositories that hold packages.',
  receivers: 'Webhooks of Git hosts, by which a push is seen at once.',
  credentials: 'How pkgserver signs in at Git remotes. Secrets are write-only.',
  packages: 'Packages found in repositories, and what the head of the ref holds of them.',
  targets: 'Where packages of deployment repositories go, and what runs there.',
  'package-revisions': 'Versions of packages: drafts, proposals and what is published.',
  'package-contents': 'The files of package revisions, and the Kubernetes objects in them.',
  upgrades: 'Packages brought to newer revisions of what they were made from.',
  variants: 'Packages that are kept in step with a blueprint, for one target or for many.',
  campaigns: 'A change rolled out over many packages, in waves.',
  drift: 'What Git holds that the service did not write.',
  search: 'Finding Kubernetes objects in all packages.',
  access: 'Who may do what: roles, API tokens, and who you are.',
  operations: 'Durable records of work that touches a Git remote.',
  events: 'What happens, as it happens.',
  webhooks: 'Events, sent to where you want them.',
  'audit-entries': 'Who did what, and who was refused what.',
  health: 'For probes and for Prometheus.',
} as const;

/** Puts the endpoints of a controller into a group. */
export const Tag = (name: keyof typeof TAGS): ClassDecorator => ApiTags(name);
