import type { Mutation } from './mutation.js';

/** What a change leads to without anybody's doing: nothing, a draft, or a proposal. Nothing is ever approved. */
export const UPDATE_POLICIES = ['none', 'draft', 'propose'] as const;
export type UpdatePolicy = (typeof UPDATE_POLICIES)[number];

/** What is done where the package is there already, and was not made for the variant. */
export const ADOPTIONS = ['refuse', 'adopt'] as const;
export type Adoption = (typeof ADOPTIONS)[number];

/** What becomes of the package when the variant goes. */
export const DELETIONS = ['orphan', 'proposeDeletion'] as const;
export type Deletion = (typeof DELETIONS)[number];

/**
 * `pending`: it has not been looked at yet. `upToDate`: what is published is what is wanted. `outdated`: it is not, and nobody
 * may make a draft by themselves. `drafted`: a draft holds what is wanted. `conflicted`: a person has to settle something.
 * `declined`: its draft was deleted. `blocked`: what is wanted cannot be made; a reason says why. `retired`: nothing is wanted
 * any more.
 */
export const VARIANT_STATES = [
  'pending',
  'upToDate',
  'outdated',
  'drafted',
  'conflicted',
  'declined',
  'blocked',
  'retired',
] as const;
export type VariantState = (typeof VARIANT_STATES)[number];

/** What of a variant and its surroundings may be named in values, as `${target.name}`. */
export interface VariantNames {
  target: { name: string | null; labels: Readonly<Record<string, string>> };
  variant: string;
  upstreamRevision: string;
}

const NAME = /\$\{([^}]*)\}/g;

/** The names that a text holds which stand for nothing, ever. */
export const unknownNames = (text: string): string[] =>
  [...text.matchAll(NAME)].flatMap(([, name = '']) =>
    ['target.name', 'variant.name', 'upstream.revision'].includes(name) || /^target\.labels\..+$/.test(name)
      ? []
      : [name],
  );

/** A name that stands for nothing here. */
export class UnresolvedNameError extends Error {
  constructor(readonly variable: string) {
    const label = /^target\.labels\.(.+)$/.exec(variable)?.[1];
    super(label === undefined ? `Nothing is known for \${${variable}}.` : `Its target has no label "${label}".`);
  }
}

/** A text with what its names stand for. Throws {@link UnresolvedNameError}. */
export function filledText(text: string, names: VariantNames): string {
  return text.replaceAll(NAME, (_, name: string) => {
    const value = valueOf(name, names);
    if (value === null) throw new UnresolvedNameError(name);
    return value;
  });
}

function valueOf(name: string, { target, variant, upstreamRevision }: VariantNames): string | null {
  if (name === 'target.name') return target.name;
  if (name === 'variant.name') return variant;
  if (name === 'upstream.revision') return upstreamRevision;
  const label = /^target\.labels\.(.+)$/.exec(name)?.[1];
  return label !== undefined && Object.hasOwn(target.labels, label) ? (target.labels[label] ?? null) : null;
}

/** Mutations with what the names in their values stand for. Keys and paths stay as they are. Throws {@link UnresolvedNameError}. */
export const filledMutation = (mutation: Mutation, names: VariantNames): Mutation => ({
  ...mutation,
  ...(mutation.value !== undefined && { value: filledValue(mutation.value, names) }),
});

function filledValue(value: unknown, names: VariantNames): unknown {
  if (typeof value === 'string') return filledText(value, names);
  if (Array.isArray(value)) return value.map((item) => filledValue(item, names));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filledValue(item, names)]));
}

/** All texts in a value. */
export function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}
