import { createHash } from 'node:crypto';

/** A file as GET …/resources gives it. */
export interface FileContent {
  content: string;
  encoding: string;
}

const hash = (type: string, body: Buffer): string =>
  createHash('sha1').update(`${type} ${body.length}\0`).update(body).digest('hex');

/** The OID that Git gives to the bytes of a file. */
export const blobOid = ({ content, encoding }: FileContent): string =>
  hash('blob', Buffer.from(content, encoding === 'base64' ? 'base64' : 'utf8'));

/** The OID of the Git tree with exactly these files, none of them executable; written anew so that it checks pkgserver's. */
export function treeOid(files: Readonly<Record<string, FileContent>>): string {
  return treeOf(Object.entries(files).map(([path, file]) => ({ segments: path.split('/'), oid: blobOid(file) })));
}

function treeOf(files: readonly { segments: string[]; oid: string }[]): string {
  const folders = new Map<string, { segments: string[]; oid: string }[]>();
  const entries: { name: string; mode: string; oid: string }[] = [];
  for (const { segments, oid } of files) {
    const [name = '', ...rest] = segments;
    if (rest.length === 0) entries.push({ name, mode: '100644', oid });
    else folders.set(name, [...(folders.get(name) ?? []), { segments: rest, oid }]);
  }
  for (const [name, below] of folders) entries.push({ name, mode: '40000', oid: treeOf(below) });
  const key = ({ name, mode }: { name: string; mode: string }) => Buffer.from(mode === '40000' ? `${name}/` : name);
  entries.sort((a, b) => Buffer.compare(key(a), key(b)));
  const parts = entries.map(({ name, mode, oid }) =>
    Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(oid, 'hex')]),
  );
  return hash('tree', Buffer.concat(parts));
}
