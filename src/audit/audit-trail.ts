import { Injectable } from '@nestjs/common';
import { etagOf } from '../domain/etag.js';
import { type AuditEvent, AuditLog } from './audit-log.js';
import { collectNotes, type NotedChange } from './noted-change.js';

/** A request that changes something. */
export interface Mutation {
  /** The endpoint's operationId. */
  action: string;
  /** The route's pattern: `/api/v1/package-revisions/:id/approve`. */
  route: string;
  params: Readonly<Record<string, string>>;
  /** It has an entry only if its service notes a change: programs send many such requests, and the log is for ever. */
  onlyNoted?: boolean;
}

interface Answer {
  status: number;
  body: unknown;
}

/**
 * One entry for each accepted mutation, whatever the endpoint: a new one is audited without a line of its own. A request
 * that was accepted and found nothing to change has its entry too, with the same digest before and after.
 */
@Injectable()
export class AuditTrail {
  constructor(private readonly log: AuditLog) {}

  /** Runs a mutation's handler and writes its entry, both in the transaction that is open around them. */
  async follow<Given extends Answer>(mutation: Mutation, handle: () => Promise<Given>): Promise<Given> {
    const { result, notes } = await collectNotes(handle);
    if (mutation.onlyNoted && notes.size === 0) return result;
    await this.log.record([eventOf(mutation, result, notes)]);
    return result;
  }
}

function eventOf(mutation: Mutation, answer: Answer, notes: ReadonlyMap<string, NotedChange>): AuditEvent {
  const body = (answer.body ?? {}) as Record<string, unknown>;
  const [collection = '', slot] = mutation.route.replace(/^\/api\/v\d+\//, '').split('/');
  const resourceType = typeNamed(collection);
  const named = slot?.startsWith(':') ? mutation.params[slot.slice(1)] : undefined;
  const resourceId = named ?? textOf(body.id);
  const note = notes.get(resourceId ?? '') ?? {};
  // Work that is accepted changes the resource later on: nothing but the note tells what it was.
  if (answer.status === 202 && note.before === undefined) {
    throw new Error(`${mutation.action} accepted work on ${resourceType} and did not note what that was (noteChange).`);
  }
  return {
    action: mutation.action,
    resourceType: note.resourceType ?? resourceType,
    resourceId,
    repositoryId: note.repositoryId ?? (resourceType === 'Repository' ? resourceId : textOf(body.repositoryId)),
    path: note.path ?? textOf(body.path),
    before: note.before ?? null,
    after: note.after === undefined ? digestAfter(answer, note) : note.after,
    reason: note.reason ?? null,
    operationId: answer.status === 202 ? textOf(body.id) : null,
  };
}

/** The entity tag in the answer; an operation that was accepted has not changed anything yet; no answer: it is gone. */
function digestAfter({ status, body }: Answer, { before }: NotedChange): string | null {
  if (status === 202) return before ?? null;
  if (body === undefined || body === null) return null;
  return textOf((body as { etag?: unknown }).etag) ?? etagOf(body);
}

/** `package-revisions` is of the type `PackageRevision`: the name that openapi.yaml has for it. */
function typeNamed(collection: string): string {
  const words = collection.replace(/ies$/, 'y').replace(/s$/, '').split('-');
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);
