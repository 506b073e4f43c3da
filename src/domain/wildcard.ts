/**
 * A pattern of paths: `*` stands for any part of a segment, `**` as a whole segment for any number of segments. Matching
 * takes at most the product of both lengths, whatever the pattern: a regular expression could take exponential time.
 */
export class Wildcard {
  private readonly segments: string[];

  constructor(pattern: string) {
    this.segments = pattern.split('/');
  }

  matches(path: string): boolean {
    return matches(this.segments, path.split('/'), '**', (segment, name) =>
      matches([...segment], [...name], '*', isSame),
    );
  }
}

const isSame = (left: string, right: string): boolean => left === right;

/** Whether the parts are those of the pattern, where a star stands for any number of parts. */
function matches(
  pattern: readonly string[],
  parts: readonly string[],
  star: string,
  fits: (wanted: string, part: string) => boolean,
): boolean {
  let [at, part] = [0, 0];
  /** The last star, and how many parts it stands for so far. */
  let [lastStar, resume] = [-1, 0];
  while (part < parts.length) {
    const [wanted, present] = [pattern[at], parts[part]];
    if (wanted === star) {
      [lastStar, resume] = [at, part];
      at += 1;
    } else if (wanted !== undefined && present !== undefined && fits(wanted, present)) {
      at += 1;
      part += 1;
    } else if (lastStar >= 0) {
      resume += 1;
      [at, part] = [lastStar + 1, resume];
    } else return false;
  }
  return pattern.slice(at).every((rest) => rest === star);
}
