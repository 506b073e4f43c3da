import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

/** Commands of a page, and what it says that they print. */
interface Step {
  heading: string;
  commands: string;
  prints: string;
}

/** A page of the documents whose commands a test runs, all in one bash, as its reader does. */
export class Page {
  readonly #name: string;
  readonly #steps: Step[];
  #outputs: string[] = [];

  private constructor(name: string, text: string) {
    this.#name = name;
    this.#steps = readSteps(text);
  }

  static async read(name: string): Promise<Page> {
    return new Page(name, await readFile(name, 'utf8'));
  }

  /** Runs the commands in a folder, with what is said for the URLs and names that the page has. */
  async run(folder: string, replacements: Readonly<Record<string, string>>): Promise<void> {
    const missing = await bash(
      'for tool in curl jq git tar; do command -v $tool >/dev/null || echo $tool; done',
      folder,
    );
    if (missing !== '') throw new Error(`${this.#name} is run with programs that are missing here: ${missing}`);
    let script = this.#steps.map(({ commands }) => commands).join('\nprintf "\\0"\n');
    for (const [written, meant] of Object.entries(replacements)) script = script.replaceAll(written, meant);
    this.#outputs = (await bash(script, folder)).split('\0');
  }

  /** Declares a test for each step. Call in a suite whose `beforeAll` runs it. */
  declareTests(): void {
    const named = this.#steps.map(({ heading, prints }, index) => ({
      title: `${heading}, step ${index}`,
      prints,
      index,
    }));
    it.each(named)('$title, prints what the page says', ({ prints, index }) => {
      expect(this.#outputs[index] ?? '(nothing)').toMatch(pattern(prints));
    });

    it('has all of its commands found and run', () => {
      expect(this.#steps.length).toBeGreaterThan(5);
      expect(this.#outputs).toHaveLength(this.#steps.length);
    });
  }
}

/** A ```sh block, and the ```text block behind it, if there is one. */
function readSteps(page: string): Step[] {
  const parts = page.matchAll(
    /^## (?<heading>.+)$|```sh\n(?<commands>[^]*?)```(?:\n\n```text\n(?<prints>[^]*?)```)?/gm,
  );
  let heading = 'Before the first step';
  const steps: Step[] = [];
  for (const { groups = {} } of parts) {
    if (groups.commands === undefined) heading = groups.heading ?? heading;
    else steps.push({ heading, commands: groups.commands, prints: groups.prints ?? '' });
  }
  return steps;
}

/** What the script prints, errors included. */
async function bash(script: string, folder: string): Promise<string> {
  const env = { PATH: process.env.PATH, HOME: folder, LC_ALL: 'C.UTF-8' };
  const child = spawn('bash', ['-u', '-s'], { cwd: folder, env, stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stdin.end(script);
  await once(child, 'close');
  return output;
}

/** The text as it is, but for `…`, which stands for the rest of a line, or for what is between its neighbours. */
function pattern(text: string): RegExp {
  const literal = text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll('…', '.*');
  return new RegExp(`^${literal}$`);
}
