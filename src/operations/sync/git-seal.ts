import { createHmac, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { encodeCommit, encodeTag } from '../../git/objects/object-codec.js';
import type { GitCommit, GitTag } from '../../git/port.js';
import { SealingKeys } from '../../vault/credential-vault.js';

type NewCommit = Omit<GitCommit, 'oid'>;
type NewTag = Omit<GitTag, 'oid'>;

/** The last line of the trailers. */
const SEAL = /\nSeal: ([\w-]{43})\n$/;

/**
 * Trailers can be written by anybody. The `Seal` of a commit or tag shows that this service made it: a MAC over the whole
 * object as it is without the seal, its parents or its name and commit included, so that it holds nowhere else. The key
 * comes from those of credentials: what was sealed is known again after the index was lost.
 */
@Injectable()
export class GitSeal {
  private readonly keys: readonly Buffer[];

  constructor({ all }: SealingKeys) {
    this.keys = all.map((key) => createHmac('sha256', key).update('pkgserver git seal').digest());
  }

  commit<Commit extends NewCommit>(commit: Commit): Commit {
    return { ...commit, message: this.sealed(commit.message, encodeCommit(commit)) };
  }

  tag<Tag extends NewTag>(tag: Tag): Tag {
    return { ...tag, message: this.sealed(tag.message, encodeTag(tag)) };
  }

  hasMadeCommit(commit: NewCommit): boolean {
    return this.holds(commit.message, (message) => encodeCommit({ ...commit, message }));
  }

  hasMadeTag(tag: NewTag): boolean {
    return this.holds(tag.message, (message) => encodeTag({ ...tag, message }));
  }

  private sealed(message: string, object: Buffer): string {
    const [key] = this.keys;
    if (!key) throw new Error('There is no key to seal with.');
    return message.replace(/\n$/, `\nSeal: ${mac(key, object)}\n`);
  }

  private holds(message: string, objectWith: (message: string) => Buffer): boolean {
    const seal = SEAL.exec(message)?.[1];
    if (seal === undefined) return false;
    const object = objectWith(message.replace(SEAL, '\n'));
    const given = Buffer.from(seal);
    return this.keys.some((key) => timingSafeEqual(Buffer.from(mac(key, object)), given));
  }
}

const mac = (key: Buffer, object: Buffer): string => createHmac('sha256', key).update(object).digest('base64url');
