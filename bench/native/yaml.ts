import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** What a bare script makes of texts, and the milliseconds that it needs: to parse each once, and to write its objects. */
export interface ParsedYaml {
  parse: number;
  write: number;
  /** The objects of each text as JSON. */
  bodies: string[][];
}

/** The start of the script and the way of the texts to it do not count. */
export async function parseYaml(contents: readonly Buffer[]): Promise<ParsedYaml> {
  const child = fork(join(import.meta.dirname, 'yaml-child.js'), { execArgv: [] });
  const answer = once(child, 'message');
  child.send(contents.map((content) => content.toString('utf8')));
  const [{ documents, ...parsed }] = (await answer) as [ParsedYaml & { documents: number }];
  if (documents < contents.length) throw new Error('The bare script did not read every YAML file.');
  return parsed;
}
