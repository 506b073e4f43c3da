import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { Pool } from 'undici';

const AT_ONCE = 8;
const KEY = randomBytes(32);

/** Signs and posts bodies with nothing kept of it, as many at a time as pkgserver has under way to one webhook. */
export async function postAll(url: URL, bodies: readonly string[]): Promise<void> {
  const pool = new Pool(url.origin, { connections: AT_ONCE, pipelining: 1 });
  const left = [...bodies];
  const work = async () => {
    for (let body = left.pop(); body !== undefined; body = left.pop()) {
      const [id, timestamp] = [randomUUID(), String(Math.floor(Date.now() / 1_000))];
      const signature = createHmac('sha256', KEY).update(`${id}.${timestamp}.${body}`).digest('base64');
      const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
      const answer = await pool.request({ method: 'POST', path: url.pathname, headers, body });
      await answer.body.dump();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  await pool.destroy();
}
