import { Pool } from 'undici';

const CONNECTIONS = 16;

/** Who is asked, and what each request carries. */
export interface Target {
  url: string;
  credentials?: Record<string, string>;
}

/** Requests answered per second, over connections that are kept, each asking for the next as soon as it is answered. */
export async function requestsPerSecond(
  { url, credentials = {} }: Target,
  paths: readonly string[],
  seconds: number,
  connections = CONNECTIONS,
): Promise<number> {
  const pool = new Pool(url, { connections, pipelining: 1 });
  try {
    const begin = performance.now();
    const end = begin + seconds * 1000;
    let answered = 0;
    const ask = async (first: number): Promise<void> => {
      for (let turn = first; performance.now() < end; turn += connections) {
        const path = paths[turn % paths.length] as string;
        const { statusCode, body } = await pool.request({ method: 'GET', path, headers: credentials });
        await body.dump({ limit: Number.MAX_SAFE_INTEGER });
        if (statusCode !== 200) throw new Error(`GET ${path} answered ${statusCode}.`);
        answered += 1;
      }
    };
    await Promise.all(Array.from({ length: connections }, (_, index) => ask(index)));
    return (answered * 1000) / (performance.now() - begin);
  } finally {
    await pool.destroy();
  }
}
