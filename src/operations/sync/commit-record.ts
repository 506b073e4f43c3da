import { readMessage } from '../../domain/commit-message.js';
import type { RevisionSource, Upstream } from '../../domain/revision.js';
import type { GitSignature } from '../../git/port.js';

/**
 * What pkgserver (and Porch) leave in commit messages, so that an index can be made again from Git alone.
 * The one place that knows the trailers' names and forms.
 */
export interface CommitRecord {
  workspace: string | null;
  revision: string | null;
  packageDirectory: string | null;
  operationId: string | null;
  baseCommit: string | null;
  source: RevisionSource;
  upstream: Upstream | null;
}

export function readRecord(message: string): CommitRecord {
  const { trailers, kpt } = readMessage(message);
  return {
    workspace: kpt?.workspaceName ?? trailers.get('Workspace') ?? null,
    revision: trailers.get('Revision') ?? null,
    packageDirectory: trailers.get('Package') ?? null,
    operationId: trailers.get('Operation') ?? null,
    baseCommit: readOid(trailers.get('Base')),
    source: readSource(trailers.get('Source')),
    upstream: readUpstream(trailers.get('Upstream')),
  };
}

/** The trailers that let a revision's origin be read again; the inverse of {@link readRecord}. */
export function originTrailers(revision: { source: RevisionSource; upstream: Upstream | null }): [string, string][] {
  const trailers: [string, string][] = [];
  if (revision.source.type !== 'discovered') trailers.push(['Source', writeSource(revision.source)]);
  if (revision.upstream?.commit && revision.upstream.tree) {
    const { url, directory, ref, commit, tree } = revision.upstream;
    trailers.push(['Upstream', [url, directory, ref, commit, tree].map(encodeURI).join(' ')]);
  }
  return trailers;
}

/** Git's signature as a point in time. */
export const signatureDate = (signature: GitSignature): Date => new Date(signature.timestamp * 1000);

function writeSource(source: RevisionSource): string {
  return source.type === 'copy' ? `copy ${encodeURI(source.revision)}` : source.type;
}

function readSource(text: string | undefined): RevisionSource {
  const [type, revision] = (text ?? '').split(' ');
  if (type === 'copy' && revision) return { type, revision: decode(revision) };
  return type === 'init' || type === 'clone' ? { type } : { type: 'discovered' };
}

function readUpstream(text: string | undefined): Upstream | null {
  const [url, directory, ref, commit, tree] = (text ?? '').split(' ').map(decode);
  if (!url || directory === undefined || !ref || !commit || !tree) return null;
  return { url, directory, ref, commit, tree };
}

function readOid(text: string | undefined): string | null {
  return text !== undefined && /^[0-9a-f]{40}$/.test(text) ? text : null;
}

function decode(text: string): string {
  try {
    return decodeURI(text);
  } catch {
    return text;
  }
}

