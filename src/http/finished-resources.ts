import { Injectable } from '@nestjs/common';
import type { Caller } from '../access/caller.js';
import { Accepted, AcceptedWork, type WorkEnd } from './accepted-work.js';
import { PROBLEM_MEDIA_TYPE, storedProblem } from './problem.js';
import { type Reply, render } from './reply.js';

type Load = (id: string, caller: Caller) => Promise<unknown>;

/** The request that waits for an operation. */
interface Waiting {
  /** Its path as its client sees it, and as it came. */
  instance: string;
  path: string;
  requestId: string;
  caller: Caller;
  /** The status of an answer that shows what was led to. */
  success: number;
}

/**
 * Answers with what accepted work led to (`Prefer: wait`). Each feature says once how its resource is read:
 * `finished.register('Repository', (id) => service.get(id))`. The work's end names type and id.
 */
@Injectable()
export class FinishedResources {
  private readonly loaders = new Map<string, Load>();

  constructor(private readonly work: AcceptedWork) {}

  register(type: string, load: Load): void {
    this.loaders.set(type, load);
  }

  /** Accepted work as callers see it; every other value of a controller stays as it is. */
  async present(value: unknown): Promise<unknown> {
    return value instanceof Accepted ? this.work.show(value.work) : value;
  }

  /** Waits, outside of any transaction, and turns a 202 into the finished answer; a 202 again when time is up. */
  async hold(reply: Reply, seconds: number, { caller, success, ...request }: Waiting): Promise<Reply> {
    const { id } = reply.body as { id: string };
    return this.answer(reply, await this.work.follow(id, seconds), { caller, success }, request);
  }

  /** The resource that accepted work would be about, as it is now. */
  async show(reply: Reply, caller: Caller, path: string): Promise<Reply> {
    const { target } = reply.body as { target: { type: string; id: string } };
    return render(await this.load(target, caller), 200, path);
  }

  private async answer(
    reply: Reply,
    end: WorkEnd | null,
    { caller, success }: Pick<Waiting, 'caller' | 'success'>,
    request: Omit<Waiting, 'caller' | 'success'>,
  ): Promise<Reply> {
    if (end === null) return reply;
    if (end.state === 'unfinished') return render(end.shown, 202, request.path);
    if (end.state === 'failed') {
      const problem = storedProblem(end.fault, request);
      return { status: problem.status, headers: { 'Content-Type': PROBLEM_MEDIA_TYPE }, body: problem };
    }
    return render(await this.load(end.resource, caller), success === 201 ? 201 : 200, request.path);
  }

  private async load(resource: { type: string; id: string } | null, caller: Caller): Promise<unknown> {
    return resource ? this.loaders.get(resource.type)?.(resource.id, caller) : undefined;
  }
}
