import { createHmac } from 'node:crypto';

/** Stands before the Base64 of the bytes that sign. */
const PREFIX = 'whsec_';

export interface Signed {
  /** The same at each attempt. */
  id: string;
  /** Of the attempt, in seconds. */
  timestamp: number;
  body: string;
}

/** The headers of Standard Webhooks, with a signature for each of the secrets. */
export function signedHeaders({ id, timestamp, body }: Signed, secrets: readonly string[]): Record<string, string> {
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
  });
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatures.join(' '),
  };
}
