import { pipeline, type Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { pack, type Pack } from 'tar-stream';
import type { ContentFile } from '../../content/content.store.js';

export interface ArchiveOptions {
  /** The directory of the archive that the files lie in. */
  folder: string;
  modifiedAt: Date;
  read: (file: ContentFile) => Promise<Uint8Array>;
}

/**
 * A tar.gz, the same bytes for the same files and options. One file is read after the other, as fast as the reader of
 * the stream takes them; a failure to read one ends the stream with that error.
 */
export function archive(files: readonly ContentFile[], options: ArchiveOptions): Readable {
  const tar = pack();
  const gzip = createGzip();
  // Errors travel along the pipeline to whoever reads `gzip`.
  pipeline(tar, gzip, () => undefined);
  fill(tar, files, options).catch((error: unknown) => gzip.destroy(error as Error));
  return gzip;
}

async function fill(tar: Pack, files: readonly ContentFile[], options: ArchiveOptions): Promise<void> {
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
