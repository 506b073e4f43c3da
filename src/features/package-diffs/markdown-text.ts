/** A comment of GitHub holds 65,536 characters. */
const MOST_CHARACTERS = 60_000;

/** A text that ends before a comment of GitHub does. */
export class MarkdownPage {
  constructor(public text: string) {}

  /** Adds a part behind an empty line; false: there is no room for it. */
  add(part: string): boolean {
    if (this.text.length + part.length > MOST_CHARACTERS) return false;
    if (part !== '') this.text += `\n${part}`;
    return true;
  }
}

/** An object as people name it. */
export const nameOf = ({ kind, namespace, name }: { kind: string; namespace: string | null; name: string | null }) =>
  `${plain(kind)} ${code(name === null ? '(no name)' : namespace === null ? name : `${namespace}/${name}`)}`;

/** Text in a line, as it is: in more backticks than it holds. */
export function code(text: string): string {
  const line = visible(text.replaceAll(/\s+/g, ' '));
  const ticks = '`'.repeat(longestRun(line) + 1);
  const space = ticks.length > 1 ? ' ' : '';
  return `${ticks}${space}${line === '' ? ' ' : line}${space}${ticks}`;
}

/** A block of text, in a fence that is longer than any in it. */
export function fenced(language: string, text: string): string {
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}${language}\n${visible(text)}${text.endsWith('\n') ? '' : '\n'}${fence}\n`;
}

const longestRun = (text: string): number => Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));

/** Text that is no Markdown, whatever it holds. */
export const plain = (text: string): string =>
  visible(text.replaceAll(/[\\`*_{}[\]<>#|]/g, String.raw`\$&`).replaceAll(/\s+/g, ' '));

/** Signs that turn text around, or hide it, as their numbers: nobody is to read another value than there is. */
const visible = (text: string): string =>
  text.replaceAll(/[\p{Cc}\p{Cf}]/gu, (sign) =>
    /[\t\n\r]/.test(sign) ? sign : `\\u{${sign.codePointAt(0)?.toString(16) ?? ''}}`,
  );
