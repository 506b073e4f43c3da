import { describe, expect, it } from 'vitest';
import { readAdvertisement, readRefList } from './advertisement.js';
import { encodePacket, FLUSH, readPacketBatches } from './pkt-line.js';

const A = 'a'.repeat(40);
const B = 'b'.repeat(40);

/** null is a flush. */
function packets(...lines: (string | null)[]) {
  const bytes = Buffer.concat(lines.map((line) => (line === null ? FLUSH : encodePacket(line))));
  return readPacketBatches(
    (async function* () {
      yield bytes;
    })(),
  );
}

describe('readAdvertisement', () => {
  it('reads protocol 0', async () => {
    const offer = await readAdvertisement(
      packets(
        '# service=git-upload-pack\n',
        null,
        `${A} HEAD\0 symref=HEAD:refs/heads/main symref=X:y atomic agent=git/2=3\n`,
        `${A} refs/heads/main\n`,
        `${B} refs/tags/v1\n`,
        `${A} refs/tags/v1^{}\n`,
        null,
      ),
    );
    expect([...offer.refs]).toEqual([
      ['refs/heads/main', A],
      ['refs/tags/v1', B],
    ]);
    expect(offer.capabilities.get('symref')).toEqual(['HEAD:refs/heads/main', 'X:y']);
    expect(offer.capabilities.get('atomic')).toEqual([]);
    expect(offer.capabilities.get('agent')).toEqual(['git/2=3']);
  });

  it('reads protocol 1, and an empty repository', async () => {
    const offer = await readAdvertisement(packets('version 1\n', `${'0'.repeat(40)} capabilities^{}\0 atomic\n`, null));
    expect(offer.version).toBe(1);
    expect(offer.refs.size).toBe(0);
  });

  it('reads protocol 2, with and without the line that names the service', async () => {
    const lines = ['version 2\n', 'agent=git/2.39\n', 'ls-refs=unborn\n', null];
    for (const all of [lines, ['# service=git-upload-pack\n', null, ...lines]]) {
      const offer = await readAdvertisement(packets(...all));
      expect(offer.version).toBe(2);
      expect(offer.capabilities.get('ls-refs')).toEqual(['unborn']);
    }
  });

  it.each([
    ['cut short before the first ref', ['# service=git-upload-pack\n', null]],
    ['cut short after a ref', [`${A} refs/heads/main\0 atomic\n`]],
    ['with SHA-256 names', [`${'0'.repeat(40)} capabilities^{}\0 object-format=sha256\n`, null]],
  ])('refuses one %s', async (_, lines) => {
    await expect(readAdvertisement(packets(...lines))).rejects.toMatchObject({ code: 'protocol' });
  });
});

describe('readRefList', () => {
  it('reads refs, whatever else is said of them', async () => {
    const list = packets(`${A} refs/heads/dev symref-target:refs/heads/main\n`, `${B} refs/heads/main\n`, null);
    const refs = { 'refs/heads/dev': A, 'refs/heads/main': B };
    expect(await readRefList(list)).toEqual({ refs: new Map(Object.entries(refs)) });
  });

  it.each([`${'a'.repeat(64)} refs/heads/main\n`, `${A}\n`, 'refs/heads/main\n'])('refuses %j', async (line) => {
    await expect(readRefList(packets(`${B} refs/heads/dev\n`, line, null))).rejects.toMatchObject({ code: 'protocol' });
  });

  it('does not take a list that was cut short for the whole', async () => {
    await expect(readRefList(packets(`${B} refs/heads/dev\n`))).rejects.toMatchObject({ code: 'protocol' });
  });
});
