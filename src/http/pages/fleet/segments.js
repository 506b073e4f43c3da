/** The parts of a bar, and its words. */

/** So much of a bar has each part at least, in percent, that it can be seen. */
const LEAST = 1.5;

/** Adds to each part that counts anything where it begins and how wide it is, in percent of the bar. */
export function segmentsOf(parts) {
  const all = parts.filter(({ count }) => count > 0);
  const total = totalOf(all);
  const shares = all.map(({ count }) => (100 * count) / total);
  const small = shares.filter((share) => share < LEAST);
  const large = 100 - small.reduce((sum, share) => sum + share, 0);
  // What the small ones get more is taken from the others, by their size.
  const rest = (100 - LEAST * small.length) / large;
  let from = 0;
  return all.map((part, index) => {
    const width = shares[index] < LEAST ? LEAST : shares[index] * rest;
    from += width;
    return { ...part, share: shares[index], from: from - width, width };
  });
}

/** `6 packages: done 4 (67 %), failed 2 (33 %).` */
export function wordsOf(parts, noun = 'packages') {
  const all = parts.filter(({ count }) => count > 0);
  const total = totalOf(all);
  if (total === 0) return `No ${noun}.`;
  const each = all.map(({ label, count }) => `${label} ${count} (${Math.round((100 * count) / total)} %)`);
  return `${counted(total, noun)}: ${each.join(', ')}.`;
}

/** `1 package`, `2 packages`. */
export const counted = (count, nouns) => `${count} ${count === 1 ? nouns.replace(/s$/, '') : nouns}`;

const totalOf = (parts) => parts.reduce((sum, { count }) => sum + count, 0);
