import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import type { Caller } from '../access/caller.js';
import type { AccessGuard } from '../access/guard.js';
import { AuditTrail, type Mutation } from '../audit/audit-trail.js';
import { Database } from '../database/database.js';
import { DomainError } from '../domain/errors.js';
import { EventClock } from '../events/event-clock.js';
import { callerOf } from './actor.js';
import type { RouteSettings } from './endpoint.js';
import { notModified } from './etag.js';
import { Foresight } from './foresight.js';
import { frontOf } from './front.js';
import { FinishedResources } from './finished-resources.js';
import { idempotencyKeyOf, keyHolderOf, requestHashOf } from './idempotency.js';
import { IdempotencyStore } from './idempotency.store.js';
import { preferredWait } from './prefer.js';
import { mayReadFromReplica, noteReplicaAnswer } from './replica-reads.js';
import { DRY_RUN, type Reply, render } from './reply.js';
import { pathOf } from './request-path.js';
import { refuseUnreadInput } from './unread-input.js';

/**
 * One request, one transaction: a mutation's rows, its operation, its audit entry and the answer kept for its
 * Idempotency-Key are stored together or not at all. Also the one place that turns what controllers return into status and headers.
 */
@Injectable()
export class UnitOfWorkInterceptor implements NestInterceptor {
  constructor(
    private readonly database: Database,
    private readonly idempotency: IdempotencyStore,
    private readonly finished: FinishedResources,
    private readonly trail: AuditTrail,
    private readonly guard: AccessGuard,
    private readonly foresight: Foresight,
    private readonly clock: EventClock,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    return from(this.answer(context, http.getRequest(), http.getResponse(), next));
  }

  private async answer(
    context: ExecutionContext,
    request: FastifyRequest,
    reply: FastifyReply,
    next: CallHandler,
  ): Promise<unknown> {
    const path = pathOf(request);
    const success = reply.statusCode;
    const handle = async () => this.finished.present(await lastValueFrom(next.handle(), { defaultValue: undefined }));
    const { reads, lists, permission, settlesWithin, createdIn = path } = request.routeOptions.config as RouteSettings;
    const work = async () => render(await handle(), success, createdIn);
    if (request.method === 'GET' || request.method === 'HEAD' || reads) {
      refuseUnreadInput(context, request);
      // Asked for before the list is read: whoever goes on from there misses nothing.
      const sequence = lists ? await this.clock.now() : undefined;
      const { result, behind } = await this.read(request, work);
      const answer = unlessKnown(result, request.headers['if-none-match']);
      if (sequence !== undefined) reply.header('X-Event-Sequence', sequence - Math.ceil(behind * 1000));
      return send(reply, answer);
    }
    const isSigned = permission === 'signature';
    const mutation = { ...mutationOf(context, request), onlyNoted: isSigned };
    const follow = () => this.trail.follow(mutation, work);
    if (isSigned) {
      // Nobody whose keys these could be, and who could see more of the work than that it was taken.
      refuseUnreadInput(context, request);
      return send(reply, await this.database.transaction(follow));
    }
    const rehearsal = takeDryRun(request);
    refuseUnreadInput(context, request);
    if (rehearsal) {
      const foretold = await this.database.rehearse(() => this.foretell(work, success, request));
      return send(reply, await this.foresight.complete(context.getHandler().name, foretold));
    }
    const answer = await this.database.transaction(() => this.once(request, follow));
    const preferred = answer.status === 202 ? preferredWait(request.headers.prefer) : null;
    const seconds = preferred ?? (answer.status === 202 ? (settlesWithin?.(request.body) ?? 0) : 0);
    if (preferred === null && seconds === 0) return send(reply, answer);
    const instance = frontOf(request).path + path;
    const waiting = { instance, path, requestId: request.id, caller: callerOf(request), success };
    const ended = await this.finished.hold(answer, seconds, waiting);
    const held =
      preferred === null
        ? ended
        : { ...ended, headers: { ...ended.headers, 'Preference-Applied': `wait=${preferred}` } };
    const { [REPLAYED]: replayed } = answer.headers;
    return send(reply, replayed === undefined ? held : { ...held, headers: { ...held.headers, [REPLAYED]: replayed } });
  }

  /** From a replica where one may answer; `behind`: so many milliseconds the result may be older than the request. */
  private async read(request: FastifyRequest, work: () => Promise<Reply>): Promise<{ result: Reply; behind: number }> {
    if (!mayReadFromReplica(request)) return { result: await work(), behind: 0 };
    const { result, replica } = await this.database.replicas.read(callerOf(request), work);
    if (replica) noteReplicaAnswer(request);
    return { result, behind: replica?.behind ?? 0 };
  }

  /**
   * Gives what a mutation would answer. Nothing of it is stored, so there is nowhere to go: the answer has no Location, and
   * in place of an operation it holds the resource that the operation would work on, or nothing where that would be deleted,
   * and names the operation's kind.
   */
  private async foretell(work: () => Promise<Reply>, success: number, request: FastifyRequest): Promise<Reply> {
    const answer = await work();
    if (answer.status !== 202) {
      const { Location: _, ...headers } = answer.headers;
      return { ...withoutSecret(answer, request), headers };
    }
    const foretold =
      success === 204
        ? render(undefined, 204, '')
        : await this.finished.show(answer, callerOf(request), pathOf(request));
    const { kind } = answer.body as { kind: string };
    return { ...foretold, headers: { ...foretold.headers, [DRY_RUN]: kind } };
  }

  private async once(request: FastifyRequest, work: () => Promise<Reply>): Promise<Reply> {
    const key = idempotencyKeyOf(request);
    if (key === undefined) return work();
    const caller = callerOf(request);
    const holder = keyHolderOf(caller);
    const earlier = await this.idempotency.claim(holder, key, requestHashOf(request));
    if (earlier) await this.admitReplay(caller, earlier);
    if (earlier) return { ...earlier, headers: { ...earlier.headers, [REPLAYED]: 'true' } };
    const answer = await work();
    await this.idempotency.keep(holder, key, withoutSecret(answer, request));
    return answer;
  }

  /** A replay is a read of what it shows: roles may have changed since. What the route's own id names was judged already. */
  private async admitReplay(caller: Caller, { headers, body }: Reply): Promise<void> {
    const [, collection, id] = /\/api\/v\d+\/([^/]+)\/([^/]+)$/.exec(headers.Location ?? '') ?? [];
    if (collection !== undefined) await this.guard.admitReplay(caller, { collection, id }, body);
  }
}

const REPLAYED = 'Idempotency-Replayed';

/** The answer without what the route shows once: nothing of it is kept, and a dry run has made nothing that it could open. */
function withoutSecret(answer: Reply, request: FastifyRequest): Reply {
  const { shownOnce } = request.routeOptions.config as RouteSettings;
  if (shownOnce === undefined) return answer;
  const body = { ...(answer.body as Record<string, unknown>) };
  delete body[shownOnce];
  return { ...answer, body };
}

function mutationOf(context: ExecutionContext, request: FastifyRequest): Mutation {
  return {
    action: context.getHandler().name,
    route: request.routeOptions.url ?? '',
    params: request.params as Record<string, string>,
  };
}

/** Reads `?dryRun=` and takes it out of the query, so that no handler has to know of it. */
function takeDryRun(request: FastifyRequest): boolean {
  const query = request.query as Record<string, unknown>;
  const { dryRun } = query;
  delete query.dryRun;
  if (dryRun === undefined || dryRun === 'false') return false;
  if (dryRun === 'true') return true;
  throw new DomainError('invalidQuery', 'dryRun is either true or false.', {
    errors: [{ pointer: 'dryRun', code: 'invalidValue', message: 'Either true or false.' }],
  });
}

function unlessKnown(reply: Reply, ifNoneMatch: string | undefined): Reply {
  const etag = reply.headers.ETag?.slice(1, -1);
  if (etag === undefined || !notModified(ifNoneMatch, etag)) return reply;
  return { status: 304, headers: { ETag: reply.headers.ETag as string }, body: undefined };
}

function send(reply: FastifyReply, answer: Reply): unknown {
  const { status, headers, body } = answer;
  reply.code(status).headers(headers);
  if (body === undefined || headers['Content-Type'] !== undefined) return body;
  // Node would go through a string twice more, to measure and to write it.
  reply.header('Content-Type', 'application/json; charset=utf-8');
  return Buffer.from(JSON.stringify(body));
}
