import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashBlob } from '../../src/git/objects/git-hash.js';
import { ObjectStore } from '../../src/git/object-store.js';
import { hashObject } from '../../src/git/objects/git-hash.js';
import { encodePack, type PackedObject } from '../../src/git/objects/pack-writer.js';

const BLOBS = ['', 'one', 'x'.repeat(100_000)].map((text) => Buffer.from(text));

describe('PackDirectory', () => {
  let directory: string;
  let store: ObjectStore;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'packs-'));
    await ObjectStore.create(directory);
    store = new ObjectStore(directory);
  });

  afterAll(() => rm(directory, { recursive: true, force: true }));

  async function* pieces(pack: Buffer, size = 1000): AsyncGenerator<Buffer> {
    for (let start = 0; start < pack.length; start += size) yield pack.subarray(start, start + size);
  }

  async function packOf(blobs: readonly Buffer[]): Promise<Buffer> {
    const objects = async function* (): AsyncGenerator<PackedObject & { oid: string }> {
      for (const content of blobs) yield { oid: hashObject('blob', content), type: 'blob', content };
    };
    return encodePack(objects(), blobs.length);
  }

  async function expectRefused(pack: Buffer): Promise<void> {
    await expect(store.packs.receive(pieces(pack), 1e9)).rejects.toMatchObject({ code: 'protocol' });
    expect(await readdir(join(directory, 'objects', 'pack'))).toEqual([]);
    expect(await readdir(join(directory, 'incoming'))).toEqual([]);
  }

  it('refuses a pack that is damaged, cut short, or none at all', async () => {
    const pack = await packOf(BLOBS);
    const damaged = Buffer.from(pack);
    damaged.writeUInt8(damaged.readUInt8(pack.length - 1) ^ 1, pack.length - 1);
    for (const bad of [damaged, pack.subarray(0, -30), pack.subarray(0, 5), Buffer.alloc(0), Buffer.from('<html>')]) {
      await expectRefused(bad);
    }
  });

  it('refuses a pack that leans on an object which is not there', async () => {
    const head = Buffer.from('PACK\0\0\0\x02\0\0\0\x01', 'latin1');
    // Type 7: a delta against an object by name, here one that turns 1 byte into the same byte.
    const delta = Buffer.concat([Buffer.from([0x73]), Buffer.alloc(20, 7), deflateSync(Buffer.from([1, 1, 0x90]))]);
    const body = Buffer.concat([head, delta]);
    await expectRefused(Buffer.concat([body, createHash('sha1').update(body).digest()]));
  });

  it('takes in a whole one, in whatever pieces it arrives, and finds its objects', async () => {
    await store.packs.receive(pieces(await packOf(BLOBS), 7), 1e9);
    for (const blob of BLOBS) {
      expect(await store.packs.holds(hashBlob(blob))).toBe(true);
      expect(Buffer.from(await store.readBlob(hashBlob(blob))).equals(blob)).toBe(true);
    }
    for (const oid of ['0'.repeat(40), 'f'.repeat(40), hashBlob(Buffer.from('two'))]) {
      expect(await store.packs.holds(oid)).toBe(false);
    }
  });

  it('has no use for a pack without objects', async () => {
    const before = await readdir(join(directory, 'objects', 'pack'));
    await store.packs.receive(pieces(await packOf([])), 1e9);
    expect(await readdir(join(directory, 'objects', 'pack'))).toEqual(before);
  });
});
