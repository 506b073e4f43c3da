import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Mirror } from './mirror.js';
import type { ObjectReader } from './objects/object-reader.js';
import type { RemoteTransport } from './remote-transport.js';

/** Holds nothing until it was fetched, and notes how many questions wait for an answer at a time. */
class SlowMirror implements ObjectReader {
  most = 0;
  private waiting = 0;
  private readonly fetched = new Set<string>();

  readonly transport: RemoteTransport = {
    fetch: async (wants) => wants.forEach((oid) => this.fetched.add(oid)),
    listRefs: () => Promise.reject(new Error('not asked')),
    push: () => Promise.reject(new Error('not asked')),
  };

  async holds(oid: string): Promise<boolean> {
    this.waiting += 1;
    this.most = Math.max(this.most, this.waiting);
    await turn();
    this.waiting -= 1;
    return this.fetched.has(oid);
  }

  has = (oid: string) => this.holds(oid);
  read = () => Promise.reject(new Error('not asked'));
  sizeOf = () => Promise.resolve(null);
  treeAt = () => Promise.resolve(null);
}

it('looks objects up a few at a time, however many are wanted', async () => {
  const reader = new SlowMirror();
  const { transport } = reader;
  const options = { dataDir: '/nonexistent' };
  const oids = Array.from({ length: 5_000 }, (_, index) => index.toString(16).padStart(40, '0'));
  await new Mirror('/nonexistent', { transport, reader }, options).fetch(oids, oids);
  expect(reader.most).toBeLessThan(500);
});
