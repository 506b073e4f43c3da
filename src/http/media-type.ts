/**
 * Whether an `Accept` header takes one of the media types (RFC 9110, section 12.5.1): the most specific range that
 * matches decides, and `q=0` refuses. No header takes everything.
 */
export function accepts(header: string | undefined, offered: readonly string[]): boolean {
  const qualityOf = qualities(header);
  return offered.some((type) => qualityOf(type) > 0);
}

/** The media type that the header likes best; of several the first that is offered. */
export function preferredOf(header: string | undefined, offered: readonly string[]): string {
  const qualityOf = qualities(header);
  return offered.reduce((best, type) => (qualityOf(type) > qualityOf(best) ? type : best), offered[0] ?? '');
}

function qualities(header: string | undefined): (type: string) => number {
  if (header === undefined || header.trim() === '') return () => 1;
  const ranges = header.split(',').map(parseRange);
  return (type) => {
    const [family = ''] = type.split('/');
    // A type that ends in `+json` is JSON (RFC 6839), and many clients accept `application/json` alone.
    const written = type.endsWith('+json') ? ['application/json'] : [];
    const range = [type, ...written, `${family}/*`, '*/*']
      .map((name) => ranges.find((candidate) => candidate.name === name))
      .find((candidate) => candidate !== undefined);
    return range?.quality ?? 0;
  };
}

function parseRange(text: string): { name: string; quality: number } {
  const [name = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  return { name: name === '*' ? '*/*' : name, quality: quality === undefined ? 1 : Number(quality) };
}
