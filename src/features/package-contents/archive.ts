import { pipeline, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { pack, type Pack } from 'tar-stream';

/** `mode` is Git's: 100644 or 100755. */
export interface ArchivedFile {
  path: string;
  mode: string;
  oid: string;
}

export interface ArchiveOptions {
  /** The directory of the archive that the files lie in. */
  folder: string;
  modifiedAt: Date;
  read: (file: ArchivedFile) => Promise<Uint8Array>;
}

/**
 * A tar.gz, the same bytes for the same files and options. Nothing is read before the stream is; then one file after
 * the other, as fast as the reader takes them. A failure to read one ends the stream with that error.
 */
export function archive(files: readonly ArchivedFile[], options: ArchiveOptions): Readable {
  return Readable.from(compress(files, options), { objectMode: false });
}

async function* compress(files: readonly ArchivedFile[], options: ArchiveOptions): AsyncGenerator<Buffer> {
  const tar = pack();
  const gzip = createGzip();
  // Errors travel along the pipeline to whoever reads `gzip`.
  pipeline(tar, gzip, () => undefined);
  fill(tar, files, options).catch((error: unknown) => gzip.destroy(error as Error));
  yield* gzip as AsyncIterable<Buffer>;
}

async function fill(tar: Pack, files: readonly ArchivedFile[], options: ArchiveOptions): Promise<void> {
  for (const file of files) {
    const header = {
      name: `${options.folder}/${file.path}`,
      mode: file.mode === '100755' ? 0o755 : 0o644,
      mtime: options.modifiedAt,
    };
    const content = Buffer.from(await options.read(file));
    await new Promise<void>((resolve, reject) => {
      tar.entry(header, content, (error) => (error ? reject(error) : resolve()));
    });
  }
  tar.finalize();
}
