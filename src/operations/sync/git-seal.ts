import { createHmac, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { GitCommit, GitTag } from '../../git/port.js';
import { SealingKeys } from '../../vault/credential-vault.js';

type NewCommit = Omit<GitCommit, 'oid'>;
type NewTag = Omit<GitTag, 'oid'>;

/** The last line of the trailers. */
const SEAL = /\nSeal: ([\w-]{43})\n$/;

/**
 * Trailers can be written by anybody. The `Seal` of a commit or tag shows that this service made it: a MAC over all that
 * it says, by a key that comes from those of credentials. It is known again after the index was lost, as long as the key is there.
 */
@Injectable()
export class GitSeal {
  private readonly keys: readonly [Buffer, ...Buffer[]];

  constructor({ all }: SealingKeys) {
    const [first, ...others] = all.map((key) => createHmac('sha256', key).update('pkgserver git seal').digest());
    if (!first) throw new Error('There is no key to seal with.');
    this.keys = [first, ...others];
  }

  commit<Commit extends NewCommit>(commit: Commit): Commit {
    return sealed(commit, this.mac(this.keys[0], commitFacts(commit, commit.message)));
  }

  tag<Tag extends NewTag>(tag: Tag): Tag {
    return sealed(tag, this.mac(this.keys[0], tagFacts(tag, tag.message)));
  }

  hasMadeCommit(commit: NewCommit): boolean {
    return this.holds(commit.message, (message) => commitFacts(commit, message));
  }

  hasMadeTag(tag: NewTag): boolean {
    return this.holds(tag.message, (message) => tagFacts(tag, message));
  }

  private holds(message: string, factsOf: (message: string) => unknown[]): boolean {
    const seal = SEAL.exec(message)?.[1];
    if (seal === undefined) return false;
    const facts = factsOf(message.replace(SEAL, '\n'));
    const given = Buffer.from(seal);
    return this.keys.some((key) => timingSafeEqual(Buffer.from(this.mac(key, facts)), given));
  }

  private mac(key: Buffer, facts: unknown[]): string {
    return createHmac('sha256', key).update(JSON.stringify(facts)).digest('base64url');
  }
}

const sealed = <Made extends { message: string }>(made: Made, seal: string): Made => ({
  ...made,
  message: made.message.replace(/\n$/, `\nSeal: ${seal}\n`),
});

/** Also its place in history, so that it cannot be taken elsewhere. */
const commitFacts = ({ tree, parents, author }: NewCommit, message: string) => [
  ...['commit', tree, parents, author.name, author.email, author.timestamp, message],
];

/** Also its name and commit, so that it cannot be set elsewhere. */
const tagFacts = ({ object, tag, tagger }: NewTag, message: string) => [
  ...['tag', object, tag, tagger?.name, tagger?.email, tagger?.timestamp, message],
];
