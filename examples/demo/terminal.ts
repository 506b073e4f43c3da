import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

const coloured = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (style: Style, text: string): string => (coloured ? styleText(style, text) : text);

let steps = 0;

/** What a person reads while the demo runs. */
export const terminal = {
  title(text: string): void {
    console.log(`\n${paint('bold', text)}`);
  },

  /** The next numbered step. */
  step(text: string): void {
    steps += 1;
    console.log(`\n${paint(['bold', 'cyan'], `${String(steps).padStart(2)}  ${text}`)}`);
  },

  request(method: string, path: string, headers: string, body: string): void {
    console.log(`    ${paint('bold', method)} ${path}`);
    terminal.lines([headers, body].filter(Boolean).map((line) => paint('dim', line)));
  },

  answer(status: number, text: string): void {
    console.log(`    ${paint(status < 400 ? 'green' : 'yellow', `→ ${status}`)} ${text}`);
  },

  /** A native command, and what it printed. */
  command(command: string, output: string): void {
    console.log(`    ${paint('bold', `$ ${command}`)}`);
    terminal.lines(output.trimEnd().split('\n'));
  },

  lines(lines: readonly string[]): void {
    for (const line of lines) console.log(`      ${line}`);
  },

  /** Rows in columns. */
  table(rows: readonly (readonly string[])[]): void {
    const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
    terminal.lines(
      rows.map((row) =>
        row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd(),
      ),
    );
  },

  error(text: string): void {
    console.error(`\n${paint(['bold', 'red'], 'The demo stopped:')} ${text}`);
  },
};

/** `3 done, 1 failed`. */
export const counted = (counts: Record<string, number>): string =>
  Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${count} ${state}`)
    .join(', ');
