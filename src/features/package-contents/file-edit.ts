import { isUtf8 } from 'node:buffer';
import type { NewFile } from '../../content/content.service.js';
import { type ContentFile, isFile } from '../../content/content.js';
import { DomainError, type FieldError } from '../../domain/errors.js';
import { checkFilePaths } from '../../domain/file-path.js';
import { jsonPointer } from '../../domain/json-pointer.js';

/** A file as a caller sends it: its text, or an object. `executable` left out keeps what the file has now. */
export type FileInput = string | { content?: string; encoding?: 'utf8' | 'base64' | null; executable?: boolean | null };

/** A package after an edit: files with new bytes, and entries that stay as they are stored. */
export interface FileEdit {
  written: NewFile[];
  kept: ContentFile[];
}

/** All files are replaced by `files`; symlinks, submodules and what callers cannot name stay. */
export function replaceFiles(current: readonly ContentFile[], files: Readonly<Record<string, FileInput>>): FileEdit {
  return edit(
    current,
    files,
    current.filter((entry) => !isFile(entry)),
  );
}

/** A merge patch (RFC 7386): null removes a file, an object changes what it names, everything else stays. */
export function patchFiles(
  current: readonly ContentFile[],
  patch: Readonly<Record<string, FileInput | null>>,
): FileEdit {
  const entries = Object.entries(patch);
  const named = new Set(entries.map(([path]) => path));
  const given = entries.flatMap(([path, input]) => (input === null ? [] : [[path, input] as const]));
  return edit(
    current,
    Object.fromEntries(given),
    current.filter((entry) => !isFile(entry) || !named.has(entry.path)),
  );
}

function edit(
  current: readonly ContentFile[],
  files: Readonly<Record<string, FileInput>>,
  kept: readonly ContentFile[],
): FileEdit {
  const present = new Map(current.filter(isFile).map((file) => [file.path, file]));
  const errors: FieldError[] = [];
  const result: FileEdit = { written: [], kept: [...kept] };
  for (const [path, input] of Object.entries(files)) {
    const { content, encoding, executable } = typeof input === 'string' ? { content: input } : input;
    const old = present.get(path);
    const mode = modeOf(executable, old);
    const pointer = pointerTo(path);
    if (content !== undefined) {
      const bytes = decode(content, encoding ?? 'utf8');
      if (typeof bytes === 'string') errors.push({ pointer, code: 'invalidContent', message: bytes });
      else result.written.push({ path, mode, content: bytes });
    } else if (old && encoding === undefined) {
      result.kept.push({ ...old, mode });
    } else {
      const message = old ? 'An encoding without content says nothing.' : 'A new file needs its content.';
      errors.push({ pointer, code: 'required', message });
    }
  }
  if (errors.length > 0) {
    throw new DomainError('invalidBody', 'Some files cannot be taken; `errors` says which.', { errors });
  }
  return result;
}

/** Throws `invalidPath` for what no package can hold, and `invalidPackage` when nothing is left of it. */
export function assertPaths({ written, kept }: FileEdit): void {
  const names = written.map((file) => file.path);
  const entries = new Set(kept.map((entry) => entry.path));
  const folders = new Set(kept.flatMap((entry) => foldersOf(entry.path)));
  const collisions = names.flatMap((path) => {
    const message = collision(path, entries, folders);
    return message === null ? [] : [{ pointer: pointerTo(path), code: 'invalidPath', message }];
  });
  const errors = [...checkFilePaths(names), ...collisions];
  if (errors.length > 0)
    throw new DomainError('invalidPath', 'Some paths cannot be taken; `errors` says which.', { errors });
  if (written.length === 0 && !kept.some(isFile)) {
    throw new DomainError('invalidPackage', 'Git cannot hold a package without any file; delete the draft instead.');
  }
}

/** How entries that stay are in the way of a file that is written, or null. */
function collision(path: string, entries: ReadonlySet<string>, folders: ReadonlySet<string>): string | null {
  if (entries.has(path))
    return `"${path}" is a symlink, a submodule or too large for the API, and cannot be written over.`;
  if (folders.has(path)) return `"${path}" is a folder, so it cannot be a file too.`;
  const above = foldersOf(path).find((folder) => entries.has(folder));
  return above === undefined ? null : `"${above}" is no folder, so nothing can lie below it.`;
}

function foldersOf(path: string): string[] {
  const segments = path.split('/');
  return segments.slice(1).map((_, index) => segments.slice(0, index + 1).join('/'));
}

/** `undefined` keeps, `null` clears. */
function modeOf(executable: boolean | null | undefined, old: ContentFile | undefined): string {
  if (executable === undefined) return old?.mode === '100755' ? '100755' : '100644';
  return executable ? '100755' : '100644';
}

/** The bytes, or why there are none. */
function decode(content: string, encoding: 'utf8' | 'base64'): Uint8Array | string {
  if (encoding === 'utf8') {
    if (/\p{Surrogate}/u.test(content)) return 'The text holds half of a surrogate pair, which UTF-8 cannot write.';
    return Buffer.from(content, 'utf8');
  }
  const bytes = Buffer.from(content, 'base64');
  // Node skips what is not base64 instead of refusing it.
  if (bytes.toString('base64') !== content) return 'This is not base64 (RFC 4648, section 4, padded, one line).';
  return bytes;
}

export const isText = (bytes: Uint8Array): boolean => isUtf8(bytes) && !bytes.includes(0);

/** Text where the bytes are text, base64 else: what is read can be sent back and gives the same bytes. */
export function encode(bytes: Uint8Array): { content: string; encoding: 'utf8' | 'base64' } {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return isText(buffer)
    ? { content: buffer.toString('utf8'), encoding: 'utf8' }
    : { content: buffer.toString('base64'), encoding: 'base64' };
}

const pointerTo = (path: string): string => jsonPointer(['files', path]);
