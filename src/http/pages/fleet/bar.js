import { h, svg } from '../shared/dom.js';
import { segmentsOf, wordsOf } from './segments.js';

/** A segment as wide as this, in percent, has its words in it. */
const ROOM = 9;
const HEIGHT = 28;
const LOW = 12;

let count = 0;

/** A bar of parts, with the same in words for whoever does not see it. A low one has no text in it. */
export function bar(title, parts, height = HEIGHT) {
  count += 1;
  const [titleId, descriptionId] = [`bar-${count}-title`, `bar-${count}-words`];
  return svg(
    'svg',
    { class: 'bar', role: 'img', 'aria-labelledby': `${titleId} ${descriptionId}`, width: '100%', height },
    svg('title', { id: titleId }, title),
    svg('desc', { id: descriptionId }, wordsOf(parts)),
    ...segmentsOf(parts).flatMap(({ from, width, tone, label, sign }) => [
      svg('rect', { class: tone, x: `${from}%`, y: 0, width: `${width}%`, height }),
      width < ROOM || height < HEIGHT
        ? null
        : svg('text', { x: `${from + width / 2}%`, y: 19, 'text-anchor': 'middle' }, sign ?? label.slice(0, 8)),
    ]),
  );
}

/** A bar with its words below. */
export const barFigure = (title, parts, current) =>
  h(
    'figure',
    {},
    bar(title, parts),
    h('figcaption', {}, h('ul', { class: 'legend' }, ...parts.map((part) => h('li', {}, entry(part, current))))),
  );

/** What a bar in a table says, in short. */
export const barWithWords = (title, parts) =>
  h(
    'div',
    { class: 'small-bar' },
    bar(title, parts, LOW),
    h('span', {}, parts.map(({ label, count }) => `${label}: ${count}`).join(', ')),
  );

function entry({ label, count, tone, sign, href }, current) {
  const words = [h('span', { class: `dot ${tone}`, 'aria-hidden': 'true' }, sign ?? ''), `${label} ${count}`];
  if (href === undefined) return h('span', {}, ...words);
  return h('a', { href, 'aria-current': label === current ? 'true' : false }, ...words);
}
