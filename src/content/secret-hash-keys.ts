import { createHmac, randomBytes } from 'node:crypto';

/** Keys of the hashes that stand for the values of Secrets. They are of this process alone: nobody else can tell what is behind a hash. */
export class SecretHashKeys {
  private readonly secret = randomBytes(32);

  /** The same for the same trees, so that the pages of an answer fit together; another for others, so that nobody learns that two packages share a value. */
  keyFor(...trees: readonly (string | null)[]): string {
    return createHmac('sha256', this.secret).update(trees.join(' ')).digest('base64');
  }
}
