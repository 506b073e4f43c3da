import { type ChainHead, linkHash, ORIGIN } from './chain.js';
import type { ChainStore, Link } from './chain.store.js';

const BATCH = 2_000;
/** How far around a link that does not fit another entry is looked for that does. */
const NEIGHBOURS = 500;
/** After so long no entry is without its link. */
const LINKED_WITHIN_MS = 60_000;

export type ChainFaultKind = 'gap' | 'missing' | 'changed' | 'order' | 'unlinked' | 'truncated' | 'replaced';

/** The first place where the chain does not hold. */
export interface ChainFault {
  kind: ChainFaultKind;
  sequence: number | null;
  /** A sentence without its full stop. */
  message: string;
}

export interface ChainReport {
  entries: number;
  links: number;
  /** The last link up to which all is well. */
  head: ChainHead | null;
  fault: ChainFault | null;
}

/**
 * Follows the chain from its first link to its last and recomputes every hash. What is written meanwhile is not looked at
 * and does no harm: nothing is ever changed. Holds some thousand links in memory, however many there are.
 */
export async function verifyChain(store: ChainStore, expected: ChainHead | null = null): Promise<ChainReport> {
  const counts = await store.count();
  const { head, fault } = await follow(store, (await store.head())?.sequence ?? 0, expected);
  return { ...counts, head, fault: fault ?? truncation(head, expected) ?? (await findUnlinked(store)) };
}

async function follow(
  store: ChainStore,
  last: number,
  expected: ChainHead | null,
): Promise<{ head: ChainHead | null; fault: ChainFault | null }> {
  let head: ChainHead | null = null;
  let previous = ORIGIN;
  while ((head?.sequence ?? 0) < last) {
    const links = await store.links(head?.sequence ?? 0, BATCH);
    if (links.length === 0) break;
    for (const link of links) {
      const fault = await findFault(store, link, (head?.sequence ?? 0) + 1, previous);
      if (fault) return { head, fault };
      const { sequence, hash } = link;
      if (expected?.sequence === sequence && expected.hash !== hash) {
        const message = `it holds ${hash} there, not ${expected.hash}: another chain was put in its place`;
        return { head, fault: { kind: 'replaced', sequence, message } };
      }
      previous = Buffer.from(hash, 'hex');
      head = { sequence, hash };
    }
  }
  return { head, fault: null };
}

async function findFault(
  store: ChainStore,
  { sequence, entryId, hash, entry }: Link,
  next: number,
  previous: Uint8Array,
): Promise<ChainFault | null> {
  if (sequence !== next) {
    return { kind: 'gap', sequence: next, message: `a gap: the link is missing, the next one is ${sequence}` };
  }
  if (entry === null) return { kind: 'missing', sequence, message: `the entry ${entryId} is missing` };
  if (linkHash(previous, entry).toString('hex') === hash) return null;
  const neighbours = await store.links(Math.max(0, sequence - NEIGHBOURS), 2 * NEIGHBOURS);
  const rightful = neighbours.find(
    (link) => link.entry && [hash, link.hash].includes(linkHash(previous, link.entry).toString('hex')),
  );
  if (rightful) {
    const message = `wrong order: the entry ${entryId} is in the place of ${rightful.entryId}`;
    return { kind: 'order', sequence, message };
  }
  return { kind: 'changed', sequence, message: `the entry ${entryId}, or its link, was changed` };
}

function truncation(head: ChainHead | null, expected: ChainHead | null): ChainFault | null {
  if (expected === null || (head?.sequence ?? 0) >= expected.sequence) return null;
  const sequence = (head?.sequence ?? 0) + 1;
  return { kind: 'truncated', sequence, message: `the chain ends before ${expected.sequence}, which it had reached` };
}

async function findUnlinked(store: ChainStore): Promise<ChainFault | null> {
  const lost = await store.lostBeforeLinked();
  if (lost !== null)
    return { kind: 'missing', sequence: null, message: `the entry ${lost} is missing, and not linked` };
  const unlinked = await store.unlinkedBefore(new Date(Date.now() - LINKED_WITHIN_MS));
  if (unlinked === null) return null;
  const message = `${unlinked.count} entries have no link for more than a minute, the first is ${unlinked.id}`;
  return { kind: 'unlinked', sequence: null, message };
}
