import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answer } from './contract.js';

/** Node tells of every request that any HTTP server of this process has read, whoever sent it. */
const CHANNEL = 'http.server.request.start';

/** Where the API's answers are. Other servers of a test (Git, identity providers) have other paths. */
const API = /^\/(api|health|metrics)(\/|$)/;

/**
 * Hands on each answer that an API server of this process has finished, as it was written. An answer that was cut off
 * is left out. Returns the function that ends the watch.
 */
export function onAnswer(tell: (answer: Answer) => void): () => void {
  const watch = (message: unknown): void => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
    const { method = 'GET', url = '/' } = request;
    const [path = '/', query = ''] = url.split('?', 2);
    if (!API.test(path)) return;
    const chunks: Buffer[] = [];
    const headers: Record<string, string> = {};
    collect(response, headers, chunks);
    response.once('finish', () => {
      tell({
        method,
        path,
        query: new URLSearchParams(query),
        requestHeaders: Object.keys(request.headers),
        status: response.statusCode,
        headers,
        body: Buffer.concat(chunks),
      });
    });
  };
  subscribe(CHANNEL, watch);
  return () => void unsubscribe(CHANNEL, watch);
}

/** Notes what passes through the three methods by which an answer is written, and changes nothing of it. */
function collect(response: ServerResponse, headers: Record<string, string>, chunks: Buffer[]): void {
  const { writeHead, write, end } = response;
  const note = (chunk: unknown, encoding: unknown): void => {
    if (typeof chunk === 'string') {
      chunks.push(Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8'));
    } else if (chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk));
  };
  const noteHeaders = (given: object): void => {
    for (const [name, value] of Object.entries(given)) headers[name.toLowerCase()] = String(value);
  };
  response.writeHead = (...parameters: unknown[]) => {
    noteHeaders(response.getHeaders());
    const given = parameters.at(-1);
    if (typeof given === 'object' && given !== null) noteHeaders(given);
    return Reflect.apply(writeHead, response, parameters) as ServerResponse;
  };
  response.write = (...parameters: unknown[]) => {
    note(parameters[0], parameters[1]);
    return Reflect.apply(write, response, parameters) as boolean;
  };
  response.end = (...parameters: unknown[]) => {
    note(parameters[0], parameters[1]);
    return Reflect.apply(end, response, parameters) as ServerResponse;
  };
}
