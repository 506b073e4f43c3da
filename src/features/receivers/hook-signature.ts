import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import type { ReceiverType } from '../../database/generated/client.js';

export type HookHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A webhook as it came: names of headers in lower case, and the very bytes that were signed. */
export interface SentHook {
  headers: HookHeaders;
  body: Uint8Array;
}

/**
 * The header with the HMAC-SHA256 of the body in hexadecimal, and what stands before it. GitLab sends the secret itself, and so
 * does Argo CD, which cannot sign.
 */
const SIGNATURES: Record<ReceiverType, { header: string; prefix: string } | { token: string }> = {
  github: { header: 'x-hub-signature-256', prefix: 'sha256=' },
  gitea: { header: 'x-gitea-signature', prefix: '' },
  bitbucket: { header: 'x-hub-signature', prefix: 'sha256=' },
  generic: { header: 'x-signature', prefix: 'sha256=' },
  gitlab: { token: 'x-gitlab-token' },
  flux: { header: 'x-signature', prefix: 'sha256=' },
  argocd: { token: 'x-pkgserver-token' },
};

/** Whether whoever sent it knows the secret. It takes as long whatever is wrong. */
export function isSigned(type: ReceiverType, secret: string, { headers, body }: SentHook): boolean {
  const signature = SIGNATURES[type];
  const digest = createHmac('sha256', secret).update(body).digest('hex');
  if ('token' in signature) return isSame(headers[signature.token], secret);
  return isSame(headers[signature.header], `${signature.prefix}${digest}`);
}

/** Texts of any length are compared by digests of one length. */
function isSame(given: HookHeaders[string], expected: string): boolean {
  const [left, right] = [typeof given === 'string' ? given : '', expected].map((text) =>
    hash('sha256', text, 'buffer'),
  );
  return timingSafeEqual(left as Buffer, right as Buffer);
}
