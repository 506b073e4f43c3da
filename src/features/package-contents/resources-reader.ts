import { Injectable } from '@nestjs/common';
import { ContentReader } from '../../content/content.reader.js';
import { encode } from './file-edit.js';

export interface ResourceFile {
  content: string;
  encoding: 'utf8' | 'base64';
  sizeBytes: number;
  oid: string;
  executable: boolean;
  /** Why the file could not be read as YAML; absent where it could, or is none. */
  parseError?: string;
  /** What kubectl reads in another way; absent where there is nothing of that. */
  parseWarnings?: string[];
  /** Absent where it is none. */
  lfsPointer?: true;
}

/** The files of a package by path. `etag` is the tree. */
export interface Resources {
  files: Record<string, ResourceFile>;
  etag: string;
}

/** Reads a package's content by its tree: of a revision, of a head, of either side of a conflict. */
@Injectable()
export class ResourcesReader {
  constructor(private readonly content: ContentReader) {}

  async read(tree: string): Promise<Resources> {
    const files = await this.content.filesWithContent(tree);
    const entries = files.map((file): [string, ResourceFile] => [
      file.path,
      {
        ...encode(file.content),
        sizeBytes: file.sizeBytes,
        oid: file.oid,
        executable: file.mode === '100755',
        ...(file.parseError !== null && { parseError: file.parseError }),
        ...(file.parseWarnings.length > 0 && { parseWarnings: file.parseWarnings }),
        ...(file.lfsPointer && { lfsPointer: true }),
      },
    ]);
    return { files: Object.fromEntries(entries), etag: tree };
  }
}
