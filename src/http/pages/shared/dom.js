/** Elements. All that comes from the service goes into them as text, or as the value of an attribute. */

import { localTime } from './time.js';

const SVG = 'http://www.w3.org/2000/svg';

/** `attributes` that are false, null or undefined are left out; children that are null or undefined, too. */
export const h = (name, attributes, ...children) => fill(document.createElement(name), attributes, children);
export const svg = (name, attributes, ...children) => fill(document.createElementNS(SVG, name), attributes, children);

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value !== false && value !== null && value !== undefined)
      element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** The heading of a section; `isMeant`: whoever has come by a link has come for this one. */
export const heading = (text, isMeant) => h('h2', { tabindex: isMeant && '-1', 'data-meant': isMeant }, text);

/** What `dl` is for: names and what they stand for; those without a value are left out. */
export function facts(pairs) {
  const shown = pairs.filter(([, value]) => value !== null && value !== undefined && value !== '');
  return h(
    'dl',
    { class: 'facts' },
    ...shown.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))),
  );
}

/** A moment, by the clock of whoever reads; nothing where there was none. */
export const moment = (text) => (text ? h('time', { datetime: text }, localTime(text)) : '');

/**
 * A table that scrolls in itself where it is too wide. `columns` are headings; a row is its cells, of which the first is its
 * heading.
 */
export function table(caption, columns, rows) {
  const head = h('tr', {}, ...columns.map((column) => h('th', { scope: 'col' }, column)));
  return scrolling(
    caption,
    h('thead', {}, head),
    h(
      'tbody',
      {},
      ...rows.map(([first, ...rest]) =>
        h('tr', {}, h('th', { scope: 'row' }, first), ...rest.map((cell) => h('td', {}, cell))),
      ),
    ),
  );
}

export const scrolling = (caption, ...parts) =>
  h(
    'div',
    { class: 'scroll', role: 'region', tabindex: '0', 'aria-label': caption },
    h('table', {}, h('caption', {}, caption), ...parts),
  );

/** Puts other content into an element; what was focused keeps its focus if it is there again. */
export function refill(element, ...children) {
  const href = element.contains(document.activeElement) ? document.activeElement.getAttribute('href') : null;
  element.replaceChildren(...children);
  if (href !== null) [...element.querySelectorAll('a')].find((link) => link.getAttribute('href') === href)?.focus();
}
