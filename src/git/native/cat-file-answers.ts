import { MAX_OBJECT_BYTES } from '../packs/pack-file.js';
import type { PackedObject } from '../objects/pack-writer.js';

/** What `cat-file` says to one command. `content` is null for `info`, and for what is too large to be held. */
export type CatFileAnswer =
  { found: true; oid: string; type: PackedObject['type']; size: number; content: Buffer | null } | { found: false };

/** A line that long is no answer. */
const MAX_LINE = 64 * 1024;

/** Cuts the output of `cat-file --batch-command` into answers, wherever its chunks end. */
export class CatFileAnswers {
  #line = '';
  /** The object whose bytes are arriving; its last byte is followed by a newline. */
  #arriving: { answer: CatFileAnswer & { found: true }; parts: Buffer[] | null; missing: number } | null = null;

  constructor(
    /** Whether the next answer brings the object along. */
    private readonly wantsContent: () => boolean,
    private readonly onAnswer: (answer: CatFileAnswer) => void,
    private readonly maxBytes = MAX_OBJECT_BYTES,
  ) {}

  /** Throws a RangeError for output that makes no sense. */
  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length;) {
      at = this.#arriving === null ? this.#readLine(chunk, at) : this.#readContent(chunk, at);
    }
  }

  #readLine(chunk: Buffer, at: number): number {
    const end = chunk.indexOf(0x0a, at);
    const until = end < 0 ? chunk.length : end;
    this.#line += chunk.toString('latin1', at, until);
    if (this.#line.length > MAX_LINE) throw new RangeError('cat-file does not end its line.');
    if (end < 0) return until;
    const line = this.#line;
    this.#line = '';
    this.#take(line);
    return end + 1;
  }

  #take(line: string): void {
    const match = /^([0-9a-f]{40}) (commit|tree|blob|tag) (\d+)$/.exec(line);
    if (!match) {
      if (!/ (missing|ambiguous|submodule|dangling|loop|notdir)$/.test(line))
        throw new RangeError('cat-file says what it never says.');
      return this.onAnswer({ found: false });
    }
    const [, oid = '', type = '', digits = ''] = match;
    const size = Number(digits);
    const answer = { found: true as const, oid, type: type as PackedObject['type'], size, content: null };
    if (!this.wantsContent()) return this.onAnswer(answer);
    this.#arriving = { answer, parts: size > this.maxBytes ? null : [], missing: size + 1 };
  }

  #readContent(chunk: Buffer, at: number): number {
    const arriving = this.#arriving;
    if (arriving === null) return at;
    const part = chunk.subarray(at, at + arriving.missing);
    arriving.parts?.push(part);
    arriving.missing -= part.length;
    if (arriving.missing > 0) return chunk.length;
    this.#arriving = null;
    const { answer, parts } = arriving;
    this.onAnswer({ ...answer, content: parts === null ? null : join(parts, answer.size) });
    return at + part.length;
  }
}

/** Without the newline. A copy: the chunks hold more than this object, and would stay in memory with it. */
function join(parts: readonly Buffer[], size: number): Buffer {
  return Buffer.concat(parts, size + 1).subarray(0, size);
}
