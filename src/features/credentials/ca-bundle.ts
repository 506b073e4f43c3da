import { X509Certificate } from 'node:crypto';
import { UnreadableText } from './unreadable-text.js';

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----\n[A-Za-z0-9+/=\s]+?-----END \1-----/g;

/**
 * Reads certificates in PEM and writes them anew, without what stands between them. Throws {@link UnreadableText} for
 * anything that is no certificate, private keys first of all: the bundle is given back to whoever asks.
 */
export function parseCaBundle(given: string): string {
  const text = given.replaceAll(/\r\n?/g, '\n');
  if (/PRIVATE KEY-----/.test(text)) {
    throw new UnreadableText('There is a private key in it. Give certificates only, and take that key out of use.');
  }
  const blocks = [...text.matchAll(BLOCK)];
  if (blocks.length === 0) {
    throw new UnreadableText('There is no certificate in it. Give PEM: the text from -----BEGIN CERTIFICATE----- on.');
  }
  if (blocks.length !== text.split('-----BEGIN ').length - 1) {
    throw new UnreadableText('A certificate in it has no end, or characters that do not belong there.');
  }
  return blocks.map(([pem, label], index) => certificate(pem, label, index + 1)).join('');
}

function certificate(pem: string, label: string | undefined, number: number): string {
  if (label !== 'CERTIFICATE') throw new UnreadableText(`Part ${number} is something else than a CERTIFICATE.`);
  try {
    return new X509Certificate(pem).toString();
  } catch (error) {
    throw new UnreadableText(`Certificate ${number} cannot be read: something is missing from it, or was changed.`, {
      cause: error,
    });
  }
}
