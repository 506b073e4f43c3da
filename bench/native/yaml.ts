import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** What a bare script needs to parse each text once and to write its objects as JSON, without its start and the way to it and back. */
export async function parseYaml(contents: readonly Buffer[]): Promise<{ milliseconds: number; bodies: string[][] }> {
  const child = fork(join(import.meta.dirname, 'yaml-child.js'), { execArgv: [] });
  const answer = once(child, 'message');
  child.send(contents.map((content) => content.toString('utf8')));
  const [message] = (await answer) as [{ milliseconds: number; documents: number; bodies: string[][] }];
  const { milliseconds, documents, bodies } = message;
  if (documents < contents.length) throw new Error('The bare script did not read every YAML file.');
  return { milliseconds, bodies };
}
