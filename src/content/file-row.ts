import type { PackageFile } from '../database/generated/client.js';
import { isReadablePath } from '../domain/file-path.js';
import { decodePath, encodePath, hashBlob } from '../git/objects/git-hash.js';
import type { ContentFile } from './content.js';

/** An entry of a tree, as its row has it. */
export function asFile({ path, mode, blobOid: oid, sizeBytes, rawPath }: Omit<PackageFile, 'treeOid'>): ContentFile {
  if (rawPath === null) return { path, mode, oid, sizeBytes };
  const name = decodePath(Buffer.from(rawPath));
  return { path: name, mode, oid, sizeBytes, hidden: isReadablePath(name) ? 'TooLarge' : 'InvalidPath' };
}

/** The row of an entry of a tree. */
export function fileRow(tree: string, { path, mode, oid, sizeBytes, hidden }: ContentFile) {
  const row = { tree_oid: tree, mode, blob_oid: oid, size_bytes: sizeBytes };
  if (hidden === undefined) return { ...row, path, raw_path: null };
  const bytes = encodePath(path);
  // No file's path begins with a slash.
  return { ...row, path: `//${hashBlob(bytes)}`, raw_path: `\\x${bytes.toString('hex')}` };
}
