import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { decodeCommit, decodeTag, encodeCommit, encodeTag } from '../../git/objects/object-codec.js';
import { SealingKeys } from '../../vault/credential-vault.js';
import { GitSeal } from './git-seal.js';

const OID = 'a'.repeat(40);
const keys = [randomBytes(32), randomBytes(32)] as const;
const seal = new GitSeal(new SealingKeys([keys[0]]));
const person = (name: string) => ({ name, email: `${name}@localhost`, timestamp: 1_700_000_000, timezoneOffset: 0 });
const commit = (author: string, message = 'Draft x\n\nOperation: 1\n') => ({
  ...{ tree: OID, parents: [OID], message },
  ...{ author: person(author), committer: person('pkgserver') },
});
const tag = { object: OID, type: 'commit' as const, tag: 'x/v1', tagger: person('grace'), message: 'x/v1\n\nA: 1\n' };
const readAgain = (made: ReturnType<typeof commit>) => decodeCommit(OID, encodeCommit(made));

describe('the seal', () => {
  it.each(['ada', 'pkgserver:admin', 'ada@example.com', ' Ada <Example> ', 'Ärger 漢'])(
    'is known again in a commit by %s as Git gives it back, and without it is not there',
    (author) => {
      const made = readAgain(seal.commit(commit(author, 'Draft x\n\nSchlüssel: wört\n')));
      expect(made.message).toMatch(/\nSeal: [\w-]{43}\n$/);
      expect(seal.hasMadeCommit(made)).toBe(true);
      expect(seal.hasMadeCommit(readAgain(commit(author)))).toBe(false);
    },
  );

  it('does not hold for anything else than what was sealed', () => {
    const made = readAgain(seal.commit(commit('ada')));
    const others = { tree: 'b'.repeat(40), parents: [], author: person('eve'), committer: person('eve') };
    for (const [field, value] of Object.entries(others)) {
      expect(seal.hasMadeCommit({ ...made, [field]: value }), field).toBe(false);
    }
    expect(seal.hasMadeCommit({ ...made, message: made.message.replace('Draft x', 'Draft y') })).toBe(false);
    const set = decodeTag(OID, encodeTag(seal.tag(tag)));
    expect(seal.hasMadeTag(set)).toBe(true);
    expect(seal.hasMadeTag({ ...set, tag: 'x/v2' })).toBe(false);
    expect(seal.hasMadeTag({ ...set, object: 'b'.repeat(40) })).toBe(false);
  });

  it('holds while the key is among those of credentials', () => {
    const made = seal.commit(commit('ada'));
    expect(new GitSeal(new SealingKeys([keys[1], keys[0]])).hasMadeCommit(made)).toBe(true);
    expect(new GitSeal(new SealingKeys([keys[1]])).hasMadeCommit(made)).toBe(false);
  });
});
