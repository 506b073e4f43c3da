import { wellFormed } from './storable-text.js';

/** What Porch keeps in the `kpt:` line of a commit. `revision` is "0" in a draft and the bare integer when published. */
export interface KptLine {
  package?: string;
  workspaceName?: string;
  revision?: string;
  task?: unknown;
}

export interface NewMessage {
  subject: string;
  body?: string;
  /** In this order; keys of letters, digits and `-`. */
  trailers: readonly (readonly [key: string, value: string])[];
  kpt?: KptLine & { package: string };
}

export interface ReadMessage {
  subject: string;
  /** Where a key occurs more than once, its last value. */
  trailers: Map<string, string>;
  /** All trailers in their order. */
  trailerList: [key: string, value: string][];
  /** The last valid `kpt:` line. */
  kpt: KptLine | null;
  /** The last valid `pkg-server:` line: the mark of pkgserver's own drafts. */
  pkgserver: Record<string, unknown> | null;
}

const TRAILER = /^([A-Za-z0-9-]+)[ \t]*:[ \t]*(.*)$/s;
const DATA_LINE = /^(kpt|pkg-server):(.*)$/s;
/** What readers take for data, and what Git takes for the end of the message (a patch below, or scissors). */
const FORGED_LINE = /^(?:(?:kpt|pkg-server)\s*:|---(?:\s|$)|#.*>8)/is;

/**
 * Writes a commit or tag message: subject, body, the `kpt:` line and the trailers, as paragraphs. The `kpt:` line is
 * a paragraph of its own so that the trailers stay the last one, where Git looks for them; Porch takes it anywhere.
 * Subject and body may come from users: no line of theirs can pass for a trailer or a `kpt:` line.
 */
export function writeMessage({ subject, body = '', trailers, kpt }: NewMessage): string {
  const paragraphs = [guard(fold(subject)) || 'No subject'];
  const text = guardBody(body, trailers.length === 0);
  if (text !== '') paragraphs.push(text);
  if (kpt) {
    const { package: name, workspaceName, revision, task } = kpt;
    paragraphs.push(`kpt:${JSON.stringify({ package: name, workspaceName, revision, task })}`);
  }
  if (trailers.length > 0) paragraphs.push(trailers.map(trailerLine).join('\n'));
  return `${paragraphs.join('\n\n')}\n`;
}

/** Reads a message of any origin. A `kpt:` or `pkg-server:` line that is no JSON object is read as if it were not there. */
export function readMessage(text: string): ReadMessage {
  const lines = text.replace(/\r\n?/g, '\n').replace(/^\n+/, '').split('\n');
  const trailerList = readTrailers(lines);
  let kpt: KptLine | null = null;
  let pkgserver: Record<string, unknown> | null = null;
  for (const line of lines) {
    const match = DATA_LINE.exec(line);
    const data = match ? jsonObject(match[2] ?? '') : null;
    if (data === null) continue;
    if (match?.[1] === 'kpt') kpt = kptLine(data);
    else pkgserver = data;
  }
  return { subject: (lines[0] ?? '').trim(), trailers: new Map(trailerList), trailerList, kpt, pkgserver };
}

/** The trailers of the last paragraph, which is none where it holds other lines, or is the subject. */
function readTrailers(lines: readonly string[]): [string, string][] {
  const end = lines.findLastIndex((line) => line.trim() !== '') + 1;
  const start = lines.findLastIndex((line, index) => index < end && line.trim() === '') + 1;
  if (start === 0) return [];
  const trailers: [string, string][] = [];
  for (const line of lines.slice(start, end)) {
    const last = trailers[trailers.length - 1];
    const match = TRAILER.exec(line);
    if (DATA_LINE.test(line)) continue;
    if (match) trailers.push([match[1] ?? '', (match[2] ?? '').trim()]);
    else if (/^\s/.test(line) && last) last[1] = `${last[1]} ${line.trim()}`;
    else return [];
  }
  return trailers;
}

function kptLine(data: Record<string, unknown>): KptLine {
  const line: KptLine = {};
  if (typeof data.package === 'string') line.package = data.package;
  if (typeof data.workspaceName === 'string') line.workspaceName = data.workspaceName;
  if (typeof data.revision === 'string' || typeof data.revision === 'number') line.revision = String(data.revision);
  if (data.task !== undefined) line.task = data.task;
  return line;
}

function jsonObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}

function trailerLine([key, value]: readonly [string, string]): string {
  if (!/^[A-Za-z0-9-]+$/.test(key) || FORGED_LINE.test(`${key}:`)) throw new TypeError(`"${key}" is no trailer key.`);
  return `${key}: ${fold(value)}`.trimEnd();
}

function guardBody(body: string, last: boolean): string {
  const lines = body
    .replace(/\r\n?/g, '\n')
    .split('\n')
    .map((line) => guard(clean(line).trimEnd()))
    // With no trailers below, the body's last paragraph is where Git looks for them.
    .map((line) => (last && TRAILER.test(line) ? ` ${line}` : line));
  return lines.join('\n').replace(/^\n+|\n+$/g, '');
}

/** A space in front takes a line its meaning and keeps its words. */
function guard(line: string): string {
  return FORGED_LINE.test(line) ? ` ${line}` : line;
}

/** Text as it is in a subject or trailer: on one line. */
export function fold(text: string): string {
  return clean(text).replace(/\s+/g, ' ').trim();
}

function clean(text: string): string {
  return wellFormed(text.replace(/[^\P{Cc}\t]/gu, ' '));
}
