/**
 * What an event says in a line, on the page at /docs/events and in a terminal (`npm run events`).
 * Plain JavaScript: browsers get these files as they are.
 */

import { localTime } from '../shared/time.js';

const PREFIX = 'dev.pkgserver.';
const GOOD = ['registered', 'recovered', 'discovered', 'approved', 'published', 'conflictResolved', 'resolved'];
const BAD = [
  'unregistered',
  'failed',
  'disappeared',
  'rejected',
  'tagMoved',
  'deleted',
  'conflicted',
  'disabled',
  'found',
];

/** @param {object} event as the API gives it */
export function lineOf(event) {
  const type = shortType(event.type);
  const [noun = '', what = ''] = type.split('.');
  const facts = event.data?.[noun] ?? {};
  return {
    time: localTime(event.time),
    type,
    what: facts.name || facts.path || facts.kind || event.subject,
    who: event.actor ?? '',
    change: changesOf(facts).join(', '),
    tone: toneOf(noun === 'operation' ? facts.state : what),
  };
}

export const shortType = (type) => (type.startsWith(PREFIX) ? type.slice(PREFIX.length) : type);
export const fullType = (type) => (type.startsWith(PREFIX) ? type : PREFIX + type);

function changesOf({ previously = {}, changed = [], conditions = [], condition, ...facts }) {
  return [
    ...Object.entries(previously).flatMap(([key, before]) => {
      // Content has another commit in any case.
      if (key === 'commit' && 'tree' in previously) return [];
      return [changeOf(key, before, facts[key])];
    }),
    ...changed,
    ...(facts.ref === undefined ? [] : [`${facts.kind} ${facts.ref}`]),
    ...[condition, ...conditions].filter(Boolean).map(conditionOf),
    ...(facts.reason === undefined ? [] : [facts.reason]),
    ...(facts.packages === undefined ? [] : [`${facts.packages} packages`]),
    ...(facts.packageRevisions === undefined ? [] : [`${facts.packageRevisions} revisions`]),
    ...(facts.state === undefined ? [] : [[facts.state, facts.error ?? facts.resolution].filter(Boolean).join(': ')]),
  ];
}

function changeOf(key, before, now) {
  if (key === 'lifecycle') return `${before} → ${now}`;
  if (before === null) return `${key} ${shortened(now)}`;
  return `${key} ${shortened(before)} → ${now === null ? 'none' : shortened(now)}`;
}

/** Object ids of Git as Git shows them to people. */
const shortened = (value) => String(value).replace(/^([0-9a-f]{7})[0-9a-f]{33,57}$/, '$1');

const conditionOf = ({ type, status, reason, message }) =>
  [`${type}=${status}`, reason && `(${reason})`, message].filter(Boolean).join(' ');

/** How it is to be shown: `good`, `bad`, `quiet`, or `plain`. */
function toneOf(what) {
  if (GOOD.includes(what)) return 'good';
  if (BAD.includes(what)) return 'bad';
  return what === 'succeeded' ? 'quiet' : 'plain';
}
