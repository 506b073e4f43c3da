import { execFileSync } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { gitEnvironment } from './git-command.js';
import { launch } from './launcher.js';

export interface BackendCall {
  /** The folder that holds the repositories. */
  root: string;
  path: string;
  query: string;
  request: IncomingMessage;
  /** Where the answer is streamed to; null gives it back instead, once git has finished. */
  response: ServerResponse | null;
}

export interface BackendResult {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

/** The program itself, as web servers run it: `git http-backend` would be the parent that a signal reaches in its place. */
const PROGRAM = resolve(execFileSync('git', ['--exec-path'], { encoding: 'utf8' }).trim(), 'git-http-backend');

/** Runs `git http-backend` as the CGI program it is. Gives null when the answer went to `response`. */
export async function runBackend(call: BackendCall): Promise<BackendResult | null> {
  const child = await launch(PROGRAM, [], environment(call));
  child.stderr.resume();
  // Git need not read a body to its end (it may have refused it). A body that a client breaks off it waits for for ever,
  // and busily.
  pipeline(call.request, child.stdin).catch(() => {
    child.stdin.destroy();
    if (!call.request.complete) child.kill('SIGKILL');
  });
  const output = child.stdout.iterator({ destroyOnReturn: false }) as AsyncIterableIterator<Buffer>;
  const { status, headers, rest } = await readHead(output);
  if (call.response !== null) {
    call.response.writeHead(status, headers);
    await pipeline(join(rest, output), call.response);
    await child.closed;
    return null;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of join(rest, output)) chunks.push(chunk);
  await child.closed;
  return { status, headers, body: Buffer.concat(chunks) };
}

async function* join(first: Buffer, others: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* others;
}

function environment({ root, path, query, request }: BackendCall): Record<string, string> {
  const { headers } = request;
  const optional = {
    CONTENT_TYPE: headers['content-type'],
    CONTENT_LENGTH: headers['content-length'],
    HTTP_CONTENT_ENCODING: headers['content-encoding'],
    GIT_PROTOCOL: headers['git-protocol'],
  };
  const present = Object.entries(optional).filter((pair): pair is [string, string] => typeof pair[1] === 'string');
  return {
    ...gitEnvironment(),
    ...Object.fromEntries(present),
    GIT_PROJECT_ROOT: root,
    GIT_HTTP_EXPORT_ALL: '1',
    REQUEST_METHOD: request.method ?? 'GET',
    PATH_INFO: path,
    QUERY_STRING: query,
    REMOTE_ADDR: request.socket.remoteAddress ?? '',
  };
}

/** A CGI program prints headers, `Status:` among them, then an empty line, then the body. */
async function readHead(
  output: AsyncIterator<Buffer>,
): Promise<{ status: number; headers: Record<string, string>; rest: Buffer }> {
  let bytes: Buffer = Buffer.alloc(0);
  let end = -1;
  while (end < 0) {
    const next = await output.next();
    if (next.done) throw new Error('git http-backend ended without an answer');
    bytes = Buffer.concat([bytes, next.value]);
    end = bytes.indexOf('\r\n\r\n');
  }
  const lines = bytes.toString('latin1', 0, end).split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const { status = '200', ...others } = headers;
  return { status: Number.parseInt(status, 10), headers: others, rest: bytes.subarray(end + 4) };
}
