import { isMapping, isSame, scalarOf, scalarsOf, textAt } from '../values.js';
import type { ClassRule } from './change-class.js';

const GROUP = 'rbac.authorization.k8s.io';
const AGGREGATES = /^metadata\.labels\.rbac\.authorization\.k8s\.io\/aggregate-to-/;
/** A rule that says more combinations than these counts as more than there was. */
const MOST_COMBINATIONS = 10_000;

/** Roles allow more than before, or are given to more: rules, verbs and `*`, subjects, aggregation. */
export const widensRbac: ClassRule = ({ place, from, to }, { group }) => {
  if (group !== GROUP || to === undefined) return false;
  if (place === 'rules') return asList(to).some((rule) => !isCovered(rule, asList(from)));
  if (place === 'subjects') {
    const known = new Set(asList(from).map(subject));
    return asList(to).some((item) => !known.has(subject(item)));
  }
  if (place === 'aggregationRule') return !isSame(from, to);
  if (/^aggregationRule\b/.test(place)) return true;
  return AGGREGATES.test(place) && scalarOf(to) === 'true' && scalarOf(from) !== 'true';
};

const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const subject = (item: unknown): string =>
  ['kind', 'namespace', 'name'].map((key) => textAt(item, key) ?? '').join('\0');

/** Whether other rules allow all that a rule allows. */
function isCovered(rule: unknown, others: readonly unknown[]): boolean {
  if (!isMapping(rule)) return true;
  const urls = listed(rule, 'nonResourceURLs');
  const verbs = listed(rule, 'verbs');
  if (urls.length > 0)
    return combinations([urls, verbs]).every(([url = '', verb = '']) =>
      others.some((other) => {
        return allows(other, 'nonResourceURLs', url) && allows(other, 'verbs', verb);
      }),
    );
  const names = listed(rule, 'resourceNames');
  const parts = [listed(rule, 'apiGroups'), listed(rule, 'resources'), verbs, names.length === 0 ? [null] : names];
  if (parts.reduce((product, { length }) => product * length, 1) > MOST_COMBINATIONS)
    return others.some((other) => isSame(rule, other));
  return combinations(parts).every(([group = '', resource = '', verb = '', name]) =>
    others.some(
      (other) =>
        allows(other, 'apiGroups', group) &&
        allows(other, 'resources', resource) &&
        allows(other, 'verbs', verb) &&
        allowsName(other, name ?? null),
    ),
  );
}

function allows(rule: unknown, list: string, wanted: string | null): boolean {
  return listed(rule, list).some((item) => {
    if (item === '*' || item === wanted) return true;
    if (list === 'resources') return item?.startsWith('*/') === true && wanted?.endsWith(item.slice(1)) === true;
    return list === 'nonResourceURLs' && item?.endsWith('*') === true && wanted?.startsWith(item.slice(0, -1)) === true;
  });
}

/** A rule that names no objects is about all of them. */
function allowsName(rule: unknown, name: string | null): boolean {
  const names = listed(rule, 'resourceNames');
  return names.length === 0 || (name !== null && names.includes(name));
}

const listed = (rule: unknown, key: string): (string | null)[] =>
  isMapping(rule) ? scalarsOf(rule.get(key)).map((item) => (item === null ? null : String(item))) : [];

function combinations(lists: readonly (readonly (string | null)[])[]): (string | null)[][] {
  return lists.reduce<(string | null)[][]>(
    (all, list) => all.flatMap((head) => list.map((item) => [...head, item])),
    [[]],
  );
}
