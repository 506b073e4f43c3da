import { Injectable } from '@nestjs/common';
import { AccessStore } from '../../access/access.store.js';
import { Config } from '../../config/config.js';
import { type NewMessage, writeMessage } from '../../domain/commit-message.js';
import type { GitCommit } from '../../git/port.js';
import { userTrailers } from '../sync/commit-record.js';

/** Signs commits and tags for users: under the name and address that the identity provider has stated. */
@Injectable()
export class CommitSigner {
  constructor(
    private readonly config: Config,
    private readonly users: AccessStore,
  ) {}

  /** The author is the user, the committer the service. The message names the user where the author's name does not. */
  async signed(
    user: string,
    date: Date,
    { trailers, ...rest }: NewMessage,
  ): Promise<Pick<GitCommit, 'author' | 'committer' | 'message'>> {
    const time = { timestamp: Math.floor(date.getTime() / 1000), timezoneOffset: 0 };
    const stated = await this.users.statedOf(user);
    const author = {
      name: stated.name ?? user,
      email: stated.email ?? (user.includes('@') ? user : `${user}@localhost`),
      ...time,
    };
    const { gitCommitterName: name, gitCommitterEmail: email } = this.config;
    const message = writeMessage({ ...rest, trailers: [...trailers, ...userTrailers(user, author)] });
    return { author, committer: { name, email, ...time }, message };
  }
}
