import type { Fetch, Fetched } from '../../net/forward-proxy.js';

const MAX_BYTES = 1024 * 1024;

/** GETs JSON from where the operator or the provider says; throws Errors whose messages are fit for the log. */
export async function fetchJson(url: URL, get: Fetch, signal: AbortSignal): Promise<unknown> {
  // Redirects are not followed: where keys come from is for the discovery document alone to say.
  const response = await get(url, { signal, redirect: 'manual', headers: { accept: 'application/json' } });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`${url.href} answers with status ${response.status} instead of 200.`);
  }
  const text = await readText(response, url);
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new Error(`${url.href} does not answer with JSON.`, { cause });
  }
}

async function readText(response: Fetched, url: URL): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    // Leaving the loop cancels the body.
    if (size > MAX_BYTES) throw new Error(`${url.href} answers with more than ${MAX_BYTES} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
