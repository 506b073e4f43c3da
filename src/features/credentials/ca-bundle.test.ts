import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CERTIFICATE_ONE as ONE, CERTIFICATE_TWO as TWO } from '../../../test/support/certificates.js';
import { parseCaBundle } from './ca-bundle.js';
import { UnreadableText } from './unreadable-text.js';

const privateKey = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

describe('parseCaBundle', () => {
  it.each([
    ['one', ONE, ONE],
    ['two, in their order', TWO + ONE, TWO + ONE],
    ['lines that end as on Windows', ONE.replaceAll('\n', '\r\n'), ONE],
    ['no newline at the end', ONE.trimEnd(), ONE],
    ['what people write between them', `# The first\n${ONE}\nsubject=CN = two\n\n${TWO}the end`, ONE + TWO],
    ['one long line of base64', ONE.replaceAll(/(?<![- ])\n(?!-)/g, ''), ONE],
  ])('takes %s', (_, given, expected) => {
    expect(parseCaBundle(given)).toBe(expected);
  });

  it.each([
    ['nothing', '', 'no certificate'],
    ['garbage', 'hunter2', 'no certificate'],
    ['a private key', privateKey, 'private key'],
    ['a private key after a certificate', ONE + privateKey, 'private key'],
    ['half of a private key', `${ONE}hunter2\n-----END PRIVATE KEY-----`, 'private key'],
    ['a certificate request', ONE.replaceAll('CERTIFICATE', 'CERTIFICATE REQUEST'), 'Part 1'],
    ['a second one without its end', ONE + TWO.slice(0, -40), 'no end'],
    ['a second one without a line of it', ONE + TWO.replace(/\n.*\n/, '\n'), 'Certificate 2'],
    [
      'base64 of something else',
      '-----BEGIN CERTIFICATE-----\naHVudGVyMg==\n-----END CERTIFICATE-----',
      'Certificate 1',
    ],
  ])('refuses %s', (_, given, reason) => {
    expect(() => parseCaBundle(given)).toThrow(UnreadableText);
    expect(() => parseCaBundle(given)).toThrow(reason);
    expect(() => parseCaBundle(given)).toThrow(/^((?!hunter2).)*$/);
  });

  it('takes what it gave as it is, and throws nothing but what the caller may read', () => {
    const piece = fc.constantFrom(ONE, TWO, '\n', '-----BEGIN CERTIFICATE-----\n', '-----END CERTIFICATE-----\n', 'x');
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        try {
          const bundle = parseCaBundle(pieces.join(''));
          expect(parseCaBundle(bundle)).toBe(bundle);
        } catch (error) {
          expect(error).toBeInstanceOf(UnreadableText);
        }
      }),
    );
  });
});
