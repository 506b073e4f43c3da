import { Injectable } from '@nestjs/common';
import type { Reply } from './reply.js';

type Look = (body: unknown) => Promise<unknown>;

/**
 * Completes what a dry run has answered with what only the world outside can tell. It is asked after the rehearsal was rolled
 * back: nobody waits for a remote while a transaction is open. Each feature says once how: `foresight.register('createRepository', …)`.
 */
@Injectable()
export class Foresight {
  private readonly looks = new Map<string, Look>();

  /** `action` is the endpoint's operationId. */
  register(action: string, look: Look): void {
    this.looks.set(action, look);
  }

  async complete(action: string, answer: Reply): Promise<Reply> {
    const look = this.looks.get(action);
    return look ? { ...answer, body: await look(answer.body) } : answer;
  }
}
