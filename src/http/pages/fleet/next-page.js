import { h } from '../shared/dom.js';

/** Leads to the next page of a list, where there is one; Back leads to this one again. */
export const nextPage = (href, what) => (href ? h('p', {}, h('a', { href, class: 'next' }, `More ${what}`)) : null);
