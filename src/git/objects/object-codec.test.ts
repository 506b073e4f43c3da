import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeTree } from './git-hash.js';
import { decodeCommit, decodeTag, decodeTree, encodeCommit, encodeTag } from './object-codec.js';

const OID = 'c'.repeat(40);
const person = fc.record({
  name: fc.constantFrom('Alice', 'Zoë Ünal', ''),
  email: fc.constantFrom('alice@example.com', ''),
  timestamp: fc.integer({ min: 0, max: 4_000_000_000 }),
  timezoneOffset: fc.integer({ min: -14 * 60, max: 12 * 60 }),
});
const oid = fc.stringMatching(/^[0-9a-f]{40}$/);

describe('commits and tags', () => {
  it('come back as they were written', () => {
    const commit = fc.record({
      tree: oid,
      parents: fc.array(oid),
      author: person,
      committer: person,
      message: fc.string(),
    });
    fc.assert(
      fc.property(commit, (value) => {
        expect(decodeCommit(OID, encodeCommit(value))).toEqual({ oid: OID, ...value });
      }),
    );
    const tag = fc.record({
      object: oid,
      type: fc.constantFrom('commit' as const, 'tag' as const, 'tree' as const, 'blob' as const),
      tag: fc.constant('a/b/v1'),
      tagger: person,
      message: fc.string(),
    });
    fc.assert(
      fc.property(tag, (value) => {
        expect(decodeTag(OID, encodeTag(value))).toEqual({ oid: OID, ...value });
      }),
    );
  });

  it('cannot be given headers by a name', () => {
    const evil = { name: 'Eve\nparent 0000 <x>', email: 'e@x>\n', timestamp: 1, timezoneOffset: 0 };
    const bytes = encodeCommit({ tree: OID, parents: [], author: evil, committer: evil, message: '' });
    expect(decodeCommit(OID, bytes).parents).toEqual([]);
    expect(bytes.toString()).toContain('author Eveparent 0000 x <e@x> 1 +0000\n');
  });

  it('are read with signatures, odd authors and old encodings', () => {
    const head = `tree ${OID}\nparent ${OID}\n`;
    const signed = `${head}author A <a@x> 1 +0130\ncommitter B <b@x> 2 -0800\ngpgsig -----BEGIN\n parent 1\n -----END\n\nHi\n\nparent x`;
    expect(decodeCommit(OID, Buffer.from(signed))).toEqual({
      oid: OID,
      tree: OID,
      parents: [OID],
      author: { name: 'A', email: 'a@x', timestamp: 1, timezoneOffset: -90 },
      committer: { name: 'B', email: 'b@x', timestamp: 2, timezoneOffset: 480 },
      message: 'Hi\n\nparent x',
    });
    const odd = decodeCommit(OID, Buffer.from(`${head}author nobody at all\n\n`));
    expect(odd.author).toEqual({ name: 'nobody at all', email: '', timestamp: 0, timezoneOffset: 0 });
    const latin = Buffer.from(`${head}author J\xf6rg <j@x> 1 +0000\nencoding ISO-8859-1\n\nGr\xfc\xdfe\n`, 'latin1');
    expect(decodeCommit(OID, latin)).toMatchObject({ author: { name: 'Jörg' }, message: 'Grüße\n' });
    const untagged = decodeTag(OID, Buffer.from(`object ${OID}\ntype commit\ntag old\n\nmsg`));
    expect(untagged).toEqual({ oid: OID, object: OID, type: 'commit', tag: 'old', message: 'msg' });
  });

  it('are refused when what makes them one is missing', () => {
    expect(() => decodeCommit(OID, Buffer.from('author x\n\n'))).toThrow(expect.objectContaining({ code: 'protocol' }));
    expect(() => decodeTag(OID, Buffer.from('tag x\n\n'))).toThrow(expect.objectContaining({ code: 'protocol' }));
  });
});

describe('trees', () => {
  it('keep hostile names and names that are no UTF-8, and have the modes that Git takes them for', () => {
    const raw = Buffer.concat([
      entry('40000', Buffer.from('.git')),
      entry('100664', Buffer.from('..')),
      entry('100644', Buffer.from('caf\xe9', 'latin1')),
      entry('100644', Buffer.from('naïve')),
      entry('160000', Buffer.from('sub')),
      entry('0040000', Buffer.from('z1')),
      entry('100775', Buffer.from('z2')),
      entry('120777', Buffer.from('z3')),
    ]);
    const entries = decodeTree(OID, raw);
    expect(entries.map(({ mode }) => mode)).toEqual([
      ...['040000', '100644', '100644', '100644', '160000'],
      ...['040000', '100755', '120000'],
    ]);
    expect(entries.map(({ name }) => name)).toEqual(['.git', '..', 'caf\udce9', 'naïve', 'sub', 'z1', 'z2', 'z3']);
    expect(decodeTree(OID, encodeTree(entries))).toEqual(expect.arrayContaining(entries));
    expect(encodeTree(entries).indexOf(Buffer.from('caf\xe9', 'latin1'))).toBeGreaterThan(0);
  });

  it.each(['100644', '100644 name', '100644 name\0short', `1oo644 name\0${'x'.repeat(20)}`])(
    'are refused when malformed: %j',
    (text) => {
      expect(() => decodeTree(OID, Buffer.from(text))).toThrow(expect.objectContaining({ code: 'protocol' }));
    },
  );

  function entry(mode: string, name: Buffer): Buffer {
    return Buffer.concat([Buffer.from(`${mode} `), name, Buffer.from([0]), Buffer.from(OID, 'hex')]);
  }
});
