import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DomainError } from '../domain/errors.js';
import { PROBLEM_MEDIA_TYPE, toProblem } from './problem.js';

/** Answers a URL that the router cannot read. Fastify has run no hook by then. */
export function answerFrameworkError(error: Error, request: FastifyRequest, reply: FastifyReply): void {
  const tooLong = (error as { statusCode?: number }).statusCode === 414;
  const problem = toProblem(
    tooLong
      ? new DomainError('uriTooLong', 'A part of the path is longer than the server takes.')
      : new DomainError('badRequest', 'The URL is not valid: a "%" must be followed by two hexadecimal digits.'),
    { requestId: request.id },
  );
  reply.code(problem.status).headers({ 'Content-Type': PROBLEM_MEDIA_TYPE, 'X-Request-Id': request.id });
  void reply.send(JSON.stringify(problem));
}

/** Answers bytes that are not HTTP, or too many headers. Node has made no request of them, so this writes to the socket. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const status = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 }[error.code ?? ''] ?? 400;
  const problem = toProblem(new DomainError('badRequest', 'The request is not valid HTTP.'));
  const body = JSON.stringify({ ...problem, status });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: ${PROBLEM_MEDIA_TYPE}\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
