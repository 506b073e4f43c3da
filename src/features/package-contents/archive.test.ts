import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { Readable } from 'node:stream';
import { extract, type Header } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { archive } from './archive.js';

const modifiedAt = new Date('2026-03-14T09:26:53.000Z');
const files = [
  { path: 'Kptfile', mode: '100644', oid: 'a' },
  { path: `${'deep/'.repeat(40)}ü.sh`, mode: '100755', oid: 'b' },
];
const contents: Record<string, Buffer> = { a: Buffer.from('kind: Kptfile\n'), b: Buffer.alloc(300_000, 7) };
const options = {
  folder: 'core',
  modifiedAt,
  read: async ({ oid }: { oid: string }) => contents[oid] ?? Buffer.alloc(0),
};

async function unpack(gzip: Buffer) {
  const entries: { header: Header; content: Buffer }[] = [];
  const reader = Readable.from([gunzipSync(gzip)]).pipe(extract());
  for await (const entry of reader) entries.push({ header: entry.header, content: await buffer(entry) });
  return entries;
}

describe('archive', () => {
  it('holds every file with its mode, time and bytes', async () => {
    const entries = await unpack(await buffer(archive(files, options)));
    expect(entries.map(({ header }) => [header.name, header.mode, header.mtime])).toEqual([
      ['core/Kptfile', 0o644, modifiedAt],
      [`core/${files[1]?.path}`, 0o755, modifiedAt],
    ]);
    expect(entries.map(({ content }) => content)).toEqual([contents.a, contents.b]);
  });

  it('is the same every time', async () => {
    expect(await buffer(archive(files, options))).toEqual(await buffer(archive(files, options)));
  });

  it('reads nothing before it is read, and fails when a file cannot be', async () => {
    let reads = 0;
    const broken = archive(files, {
      ...options,
      read: async () => {
        reads += 1;
        throw new Error('no such blob');
      },
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(reads).toBe(0);
    await expect(buffer(broken)).rejects.toThrow('no such blob');
  });
});
