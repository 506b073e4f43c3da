import { isDeepStrictEqual } from 'node:util';
import { packagePath } from '../../domain/identity.js';
import type { VariantRow, VariantSetRow, VariantTemplate } from './variant-row.js';

/** What of a variant follows from its set. */
export type MemberFields = Pick<
  VariantRow,
  | 'name'
  | 'upstreamPackageId'
  | 'follow'
  | 'repositoryId'
  | 'target'
  | 'realm'
  | 'package'
  | 'path'
  | 'mutations'
  | 'packageContext'
  | 'labels'
  | 'updatePolicy'
  | 'strategy'
  | 'adoption'
  | 'deletion'
>;

/** What becomes of the members of a set. */
export interface MemberChanges<Member extends MemberFields & { retired: boolean }> {
  made: MemberFields[];
  /** With what they become; some of them had been retired. */
  changed: { member: Member; fields: MemberFields }[];
  retired: Member[];
  unchanged: Member[];
}

type SetFields = Pick<VariantSetRow, 'name'> & { template: VariantTemplate };

/** What a set does, given the targets that it has now. */
export function memberChanges<Member extends MemberFields & { retired: boolean }>(
  set: SetFields,
  targets: readonly string[],
  members: readonly Member[],
): MemberChanges<Member> {
  const wanted = new Map(targets.map((target) => [memberName(set.name, target), fieldsOf(set, target)]));
  const known = new Set(members.map(({ name }) => name));
  const changes: MemberChanges<Member> = { made: [], changed: [], retired: [], unchanged: [] };
  for (const member of members) {
    const fields = wanted.get(member.name);
    if (!fields) {
      if (!member.retired) changes.retired.push(member);
    } else if (member.retired || !isAs(member, fields)) changes.changed.push({ member, fields });
    else changes.unchanged.push(member);
  }
  changes.made = [...wanted.values()].filter(({ name }) => !known.has(name));
  return changes;
}

/** No variant by itself has a name with a slash. */
const memberName = (set: string, target: string): string => `${set}/${target}`;

function fieldsOf({ name, template }: SetFields, target: string): MemberFields {
  const { upstream, downstream, mutations, packageContext, labels, ...rules } = template;
  const { repositoryId, realm, package: packageName } = downstream;
  return {
    name: memberName(name, target),
    ...{ upstreamPackageId: upstream.packageId, follow: upstream.follow, repositoryId, target, realm },
    ...{ package: packageName, path: packagePath({ target, realm, package: packageName }) },
    ...{ mutations, packageContext, labels, ...rules },
  };
}

const isAs = (member: MemberFields, fields: MemberFields): boolean =>
  (Object.keys(fields) as (keyof MemberFields)[]).every((key) => isDeepStrictEqual(member[key], fields[key]));
