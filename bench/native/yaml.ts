import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** Milliseconds that a bare script needs to parse each text once. Its start and the way of the texts to it do not count. */
export async function parseYaml(contents: readonly Buffer[]): Promise<number> {
  const child = fork(join(import.meta.dirname, 'yaml-child.js'), { execArgv: [] });
  const answer = once(child, 'message');
  child.send(contents.map((content) => content.toString('utf8')));
  const [{ milliseconds, documents }] = (await answer) as [{ milliseconds: number; documents: number }];
  if (documents < contents.length) throw new Error('The bare script did not read every YAML file.');
  return milliseconds;
}
