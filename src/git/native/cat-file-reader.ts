import { join } from 'node:path';
import { isThere } from '../packs/atomic-fs.js';
import { loosePath, type ObjectReader } from '../objects/object-reader.js';
import { MAX_OBJECT_BYTES } from '../packs/pack-file.js';
import type { PackedObject } from '../objects/pack-writer.js';
import { GitError } from '../port.js';
import { CatFileEndedError } from './cat-file.js';
import type { CatFileAnswer } from './cat-file-answers.js';
import { GitEndedError } from './git-process.js';
import type { CatFilePool } from './cat-file-pool.js';

/** Reads the objects of a mirror by native git. */
export class CatFileReader implements ObjectReader {
  constructor(
    private readonly mirror: string,
    private readonly pool: CatFilePool,
  ) {}

  async has(oid: string): Promise<boolean> {
    return (await this.#ask('info', oid)).found;
  }

  async holds(oid: string): Promise<boolean> {
    return (await this.has(oid)) && !(await isThere(join(this.mirror, loosePath(oid))));
  }

  async read(oid: string): Promise<PackedObject> {
    const answer = await this.#ask('contents', oid);
    if (!answer.found) throw missing(oid);
    if (answer.content !== null) return { type: answer.type, content: answer.content };
    throw new GitError('tooLarge', `An object is larger than ${MAX_OBJECT_BYTES} bytes.`);
  }

  async sizeOf(oid: string): Promise<number> {
    const answer = await this.#ask('info', oid);
    if (!answer.found) throw missing(oid);
    return answer.size;
  }

  async treeAt(revision: string, path: string): Promise<string | null> {
    if (!fitsInOneLine(path)) return null;
    const answer = await this.#ask('info', `${revision}:${path}`);
    return answer.found && answer.type === 'tree' ? answer.oid : null;
  }

  /** Asks again when the child ends: if it was ended from outside, the next one answers; a damaged object ends that too. */
  async #ask(command: 'info' | 'contents', object: string): Promise<CatFileAnswer> {
    // git would take a name or a short form as well.
    if (!/^[0-9a-f]{40}(:|$)/.test(object)) return { found: false };
    try {
      return await this.pool.get(this.mirror).ask(command, object);
    } catch (error) {
      if (!(error instanceof CatFileEndedError)) throw error;
    }
    try {
      return await this.pool.get(this.mirror).ask(command, object);
    } catch (error) {
      if (!(error instanceof CatFileEndedError)) throw error;
      // Once more from outside: that is no fault of the object.
      throw error.cause instanceof GitEndedError ? error.cause : missing(object.slice(0, 40), error);
    }
  }
}

/** git takes `./` and `../` for relative to where it runs, and cannot be told names that are no UTF-8. */
function fitsInOneLine(path: string): boolean {
  return path === '' || !/[\n\r\p{Surrogate}]|(^|\/)\.{0,2}(\/|$)/u.test(path);
}

function missing(oid: string, cause?: Error): GitError {
  return new GitError('missingObject', `Object ${oid} is missing from the mirror or damaged.`, {}, { cause });
}
