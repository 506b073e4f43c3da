import { STATUS_CODES } from 'node:http';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { toldTo as toldToCaller } from '../access/action-permissions.js';
import type { AuditLog } from '../audit/audit-log.js';
import { denialReason, isDenial } from '../audit/denial.js';
import type { FailedSignIns } from '../audit/failed-sign-ins.js';
import { fromDatabase } from '../database/database-error.js';
import { DomainError, type ErrorCode } from '../domain/errors.js';
import { systemFault } from '../domain/system-fault.js';
import { callerOf, contextOf } from './actor.js';
import type { RouteSettings } from './endpoint.js';
import { frontOf } from './front.js';
import { PROBLEM_MEDIA_TYPE, toProblem } from './problem.js';
import { pathOf } from './request-path.js';
import type { RouteTable } from './route-table.js';

/** Answers every error as a Problem. An error of no known kind becomes `internal`: the client gets the request id, the log gets the error. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('Http');

  constructor(
    private readonly routes: RouteTable,
    private readonly auditLog?: AuditLog,
    private readonly failedSignIns?: FailedSignIns,
  ) {}

  async catch(error: unknown, host: ArgumentsHost): Promise<void> {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    if (reply.sent) return;
    const known = this.translate(error, request, reply);
    if (known === undefined) this.logger.error({ err: error, requestId: request.id }, 'Request failed');
    const problem = toProblem(known ? toldTo(request, known) : unknownError(), {
      instance: frontOf(request).path + pathOf(request),
      requestId: request.id,
    });
    if (problem.status === 401) reply.header('WWW-Authenticate', 'Bearer');
    if (problem.status === 429) reply.header('Retry-After', String(problem.retryAfterSeconds));
    if (problem.status === 503) reply.header('Retry-After', '1');
    if (isDenial(error)) await this.noteDenial(error, request);
    reply.removeHeader('ETag');
    reply.code(problem.status).header('Content-Type', PROBLEM_MEDIA_TYPE).send(JSON.stringify(problem));
  }

  private async noteDenial(error: DomainError, request: FastifyRequest): Promise<void> {
    const { operationId = request.method } = request.routeOptions.config as RouteSettings;
    const { id = null } = (request.params ?? {}) as { id?: string };
    const event = { ...contextOf(request), action: operationId, resourceId: id, reason: denialReason(error) };
    await (error.code === 'unauthenticated' ? this.failedSignIns?.note(event) : this.auditLog?.denied(event));
  }

  private translate(error: unknown, request: FastifyRequest, reply: FastifyReply): DomainError | undefined {
    if (error instanceof DomainError) return error;
    if (error instanceof HttpException) {
      return error.getStatus() === 404 ? this.noRoute(request, reply) : fromHttpException(error, request);
    }
    return fromDatabase(error) ?? this.ofMachine(error, request);
  }

  /** Who asks is told what is missing here; the log, where. */
  private ofMachine(error: unknown, request: FastifyRequest): DomainError | undefined {
    const fault = systemFault(error);
    if (fault) this.logger.warn({ err: error, requestId: request.id }, fault.message);
    return fault;
  }

  private noRoute(request: FastifyRequest, reply: FastifyReply): DomainError {
    const path = pathOf(request);
    const allowed = this.routes.methodsOf(path);
    if (allowed.length === 0) return new DomainError('routeNotFound', `There is nothing at ${path}.`);
    reply.header('Allow', allowed.join(', '));
    return new DomainError('methodNotAllowed', `${request.method} is not possible here; ${allowed.join(', ')} is.`);
  }
}

/** A public endpoint has no caller, and no error about a resource. */
const toldTo = (request: FastifyRequest, error: DomainError): DomainError =>
  error.about === undefined ? error : toldToCaller(callerOf(request), error);

const unknownError = () => new DomainError('internal', 'An unexpected error stopped this request; it is in the log.');

const CODES: Partial<Record<number, ErrorCode>> = {
  405: 'methodNotAllowed',
  406: 'notAcceptable',
  413: 'bodyTooLarge',
  414: 'uriTooLong',
  415: 'unsupportedMediaType',
  503: 'unavailable',
};

function fromHttpException(error: HttpException, { routeOptions }: FastifyRequest): DomainError | undefined {
  const status = error.getStatus();
  const code = CODES[status] ?? (status < 500 ? 'badRequest' : undefined);
  if (code === undefined) return undefined;
  if (code === 'bodyTooLarge') {
    return new DomainError(code, `The body is larger than the ${routeOptions.bodyLimit} bytes that this route takes.`);
  }
  if (code === 'unsupportedMediaType') return new DomainError(code, 'Send the body as application/json.');
  if (code === 'uriTooLong') return new DomainError(code, 'The URL is longer than the server takes.');
  return new DomainError(code, `The request is not valid HTTP for this server: ${STATUS_CODES[status] ?? status}.`);
}
