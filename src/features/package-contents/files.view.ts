import type { Readable } from 'node:stream';
import type { FileEntry, PackageObject, ReadFile } from '../../content/content.reader.js';
import { RawContent } from '../../http/reply.js';
import { isText } from './file-edit.js';
import type { FileListResponse, ObjectListResponse } from './files.schema.js';
import type { RevisionRow } from '../../revisions/revision-row.js';

export function toFileListResponse({ items, tree }: { items: FileEntry[]; tree: string }): FileListResponse {
  const files = items.map(({ path, mode, oid, sizeBytes, parseError, parseWarnings, lfsPointer }) => {
    return { path, executable: mode === '100755', oid, sizeBytes, parseError, parseWarnings, lfsPointer };
  });
  return { items: files, etag: tree };
}

export function toObjectListResponse({ items, tree }: { items: PackageObject[]; tree: string }): ObjectListResponse {
  return { items, etag: tree };
}

/** The media type is never one that a browser would run. */
export function toFileContent({ path, oid, content }: ReadFile): RawContent {
  return new RawContent(content, {
    mediaType: isText(content) ? 'text/plain; charset=utf-8' : 'application/octet-stream',
    etag: oid,
    disposition: attachment(path.split('/').pop() ?? 'file'),
  });
}

export function toArchiveContent({ row, content }: { row: RevisionRow; content: Readable }): RawContent {
  return new RawContent(content, {
    mediaType: 'application/gzip',
    // The archive holds the time of the last change besides the content.
    etag: `${row.tree}.${row.updatedAt.getTime().toString(36)}`,
    disposition: attachment(`${row.packageName}-${row.revision ?? row.workspace}.tar.gz`),
  });
}

export function toManifestContent({ row, content }: { row: RevisionRow; content: Buffer }): RawContent {
  return new RawContent(content, { mediaType: 'application/yaml', etag: row.tree });
}

/** A plain name for everyone, and the exact one for those who read RFC 6266. */
function attachment(name: string): string {
  const plain = name.replaceAll(/[^A-Za-z0-9._-]/g, '_');
  const exact = encodeURIComponent(name.replaceAll(/\p{Surrogate}/gu, '_')).replaceAll(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16)}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${exact}`;
}
