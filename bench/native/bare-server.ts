import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Statement } from './statements.js';

export interface BareServer {
  url: string;
  stop(): Promise<void>;
}

/** A bare Fastify in a process of its own: `GET /N` runs the statements of case N and sends their rows as JSON. */
export async function startBareServer(databaseUrl: string, cases: readonly Statement[][]): Promise<BareServer> {
  const child = fork(join(import.meta.dirname, 'bare-server-child.js'), {
    env: { PATH: process.env.PATH, NODE_ENV: 'production' },
    execArgv: [],
  });
  const exited = once(child, 'exit');
  child.send({ databaseUrl, cases });
  const [message] = await Promise.race([
    once(child, 'message'),
    exited.then(() => Promise.reject(new Error('The bare server did not start.'))),
  ]);
  return {
    url: (message as { url: string }).url,
    stop: async () => {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}
