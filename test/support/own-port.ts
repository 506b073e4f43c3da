import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Systems choose from 32768 upwards when a connection, or a server that does not mind, needs a port. */
const [LOWEST, HIGHEST] = [20_000, 32_768];

/** A port of 127.0.0.1 that nobody is given by chance: not before its owner listens, nor while its owner is down. */
export async function ownPort(): Promise<number> {
  for (;;) {
    const port = randomInt(LOWEST, HIGHEST);
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer().listen(port, '127.0.0.1');
  try {
    await once(probe, 'listening');
  } catch {
    return false;
  }
  probe.close();
  await once(probe, 'close');
  return true;
}
