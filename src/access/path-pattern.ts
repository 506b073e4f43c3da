import { DomainError } from '../domain/errors.js';

const SEGMENT = /^[^*/\0]+\*?$|^\*$/;

/**
 * A pattern of package paths: segments as they are, `*` at the end of a segment for any rest of it, and `**` as the last
 * segment for everything below. `a/**` does not match `a` itself, and `edge*` followed by `/**` matches `edge-1/core`.
 */
export class PathPattern {
  private constructor(
    /** Every path that matches begins with it. */
    readonly prefix: string,
    private readonly expression: RegExp,
  ) {}

  /** Throws `invalidPath` for what is no pattern. */
  static parse(text: string): PathPattern {
    const segments = text.split('/');
    const deep = segments.at(-1) === '**';
    const plain = deep ? segments.slice(0, -1) : segments;
    if (text.length > 1024 || plain.length === 0 || plain.some((segment) => !SEGMENT.test(segment))) {
      throw new DomainError(
        'invalidPath',
        'A path pattern is segments joined by "/"; "*" may end a segment, and "**" may be the last segment.',
        { errors: [{ pointer: '/path', code: 'invalidPath', message: 'This is no path pattern.' }] },
      );
    }
    const sources = plain.map((segment) => escape(segment.replace(/\*$/, '')) + (segment.endsWith('*') ? '[^/]*' : ''));
    const [prefix = ''] = text.split('*', 1);
    return new PathPattern(prefix, new RegExp(`^${sources.join('/')}${deep ? '/.+' : ''}$`, 's'));
  }

  /** The regular expression, which PostgreSQL reads the same way. */
  get source(): string {
    return this.expression.source.replaceAll(String.raw`\/`, '/');
  }

  matches(path: string): boolean {
    return this.expression.test(path);
  }
}

const escape = (text: string): string => text.replaceAll(/[\\^$.|?*+()[\]{}]/g, String.raw`\$&`);
