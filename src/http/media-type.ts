/**
 * Whether an `Accept` header takes one of the media types (RFC 9110, section 12.5.1): the most specific range that
 * matches decides, and `q=0` refuses. No header takes everything.
 */
export function accepts(header: string | undefined, offered: readonly string[]): boolean {
  if (header === undefined || header.trim() === '') return true;
  const ranges = header.split(',').map(parseRange);
  return offered.some((type) => {
    const [family = ''] = type.split('/');
    const range = [type, `${family}/*`, '*/*']
      .map((name) => ranges.find((candidate) => candidate.name === name))
      .find((candidate) => candidate !== undefined);
    return range !== undefined && range.quality > 0;
  });
}

function parseRange(text: string): { name: string; quality: number } {
  const [name = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  return { name: name === '*' ? '*/*' : name, quality: quality === undefined ? 1 : Number(quality) };
}
