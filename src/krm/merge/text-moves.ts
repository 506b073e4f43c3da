/** How a piece of a text is taken to another place: other columns, another line break, the first line on another's label. */
export interface Move {
  fromColumn: number;
  toColumn: number;
  lineBreak: string;
}

/**
 * Lines of a block for another place. The first line is taken from its label's column where it does not begin at its line's
 * start (`startsInline`), and put without indentation where it goes behind a label (`endsInline`).
 */
export function movedLines(
  text: string,
  { fromColumn, toColumn, lineBreak }: Move,
  { startsInline = false, endsInline = false } = {},
): string {
  const whole = startsInline ? ' '.repeat(fromColumn) + text : text;
  const shifted = shiftedLines(whole, toColumn - fromColumn, 0);
  const broken = shifted.replaceAll(/\r?\n/g, lineBreak);
  return endsInline ? broken.replace(/^[ \t]+/, '') : broken;
}

/** What is behind a label, for another place: all lines but the first are indented anew. */
export function movedValue(text: string, { fromColumn, toColumn, lineBreak }: Move): string {
  return shiftedLines(text, toColumn - fromColumn, 1).replaceAll(/\r?\n/g, lineBreak);
}

function shiftedLines(text: string, by: number, from: number): string {
  if (by === 0) return text;
  const lines = text.split('\n');
  return lines
    .map((line, at) => {
      if (at < from || line === '' || line === '\r') return line;
      if (by > 0) return ' '.repeat(by) + line;
      const indent = /^ */.exec(line)?.[0].length ?? 0;
      return line.slice(Math.min(indent, -by));
    })
    .join('\n');
}
