import { Injectable } from '@nestjs/common';
import type { Caller } from '../access/caller.js';
import { PROBLEM_MEDIA_TYPE, storedProblem } from './problem.js';
import { Accepted, type Reply, render } from './reply.js';
import { OperationWaits } from '../operations/operation-waits.js';
import { OperationWaiter } from '../operations/operation-waiter.js';
import { isFinished } from '../domain/operation.js';

type Load = (id: string, caller: Caller) => Promise<unknown>;

/** The request that waits for an operation. */
interface Waiting {
  instance: string;
  requestId: string;
  caller: Caller;
}

/**
 * Answers with what an operation led to (`Prefer: wait`). Each feature says once how its resource is read:
 * `finished.register('Repository', (id) => service.get(id))`. The operation's `result.resource` names type and id;
 * a result without a resource is one that is gone.
 */
@Injectable()
export class FinishedResources {
  private readonly loaders = new Map<string, Load>();

  constructor(
    private readonly waiter: OperationWaiter,
    private readonly waits: OperationWaits,
  ) {}

  register(type: string, load: Load): void {
    this.loaders.set(type, load);
  }

  /** Has an accepted operation say what it waits for; every other value of a controller stays as it is. */
  async explain(value: unknown): Promise<unknown> {
    if (!(value instanceof Accepted)) return value;
    const [operation = value.operation] = await this.waits.explain([value.operation]);
    return new Accepted(operation);
  }

  /** Waits, outside of any transaction, and turns a 202 into the finished answer; a 202 again when time is up. */
  async hold(reply: Reply, seconds: number, { caller, ...request }: Waiting): Promise<Reply> {
    const { id } = reply.body as { id: string };
    const operation = await this.waiter.wait(id, seconds);
    const applied = { 'Preference-Applied': `wait=${seconds}` };
    if (operation === null) return { ...reply, headers: { ...reply.headers, ...applied } };
    if (!isFinished(operation.state)) {
      const latest = render(await this.explain(new Accepted(operation)), 202, request.instance);
      return { ...latest, headers: { ...latest.headers, ...applied } };
    }
    if (operation.state !== 'succeeded') {
      const cancelled = { code: 'cancelled', detail: 'The operation was cancelled.' };
      const problem = storedProblem(operation.error ?? cancelled, request);
      return { status: problem.status, headers: { ...applied, 'Content-Type': PROBLEM_MEDIA_TYPE }, body: problem };
    }
    const finished = render(await this.load(operation.result, caller), 200, request.instance);
    return { ...finished, headers: { ...finished.headers, ...applied } };
  }

  /** The resource that an accepted operation would work on, as it is now. */
  async show(reply: Reply, caller: Caller, path: string): Promise<Reply> {
    const { target } = reply.body as { target: { type: string; id: string } };
    return render(await this.load({ resource: target }, caller), 200, path);
  }

  private async load(result: unknown, caller: Caller): Promise<unknown> {
    const { resource } = (result ?? {}) as { resource?: { type: string; id: string } | null };
    return resource ? this.loaders.get(resource.type)?.(resource.id, caller) : undefined;
  }
}
