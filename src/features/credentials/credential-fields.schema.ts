import { z } from 'zod';
import { isHost } from '../../domain/git-url.js';
import { openChoice } from '../../http/schema/choice.js';
import { givenName } from '../../http/schema/fields.js';
import { text } from '../../http/schema/text.js';
import { parseCaBundle } from './ca-bundle.js';
import { parseKnownHosts } from './known-hosts.js';
import { parseSshPrivateKey } from './ssh-private-key.js';
import { UnreadableText } from './unreadable-text.js';

export const credentialType = openChoice('CredentialType', ['basic', 'token', 'ssh'], 'What kind of credential it is.');

/** Text of at most so many characters that a parser takes; what it says of other text is what the caller reads. */
const parsed = <Value>(maximum: number, parse: (given: string) => Value) =>
  text(maximum).transform((given, context): Value => {
    try {
      return parse(given);
    } catch (error) {
      if (!(error instanceof UnreadableText)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
      return z.NEVER;
    }
  });

export const EXAMPLE_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIC6/uxuMLlt0L5h+7dplN4p9tcWplF8Dp5chE20B+7qg';
export const EXAMPLE_FINGERPRINT = 'SHA256:hX3aqG84BdwnrczYiqCzQouxH1owsNtV01Yzrg2a7Xs';
export const EXAMPLE_KNOWN_HOSTS = `git.example.com ${EXAMPLE_KEY}\n`;
export const EXAMPLE_CERTIFICATE =
  '-----BEGIN CERTIFICATE-----\nMIIBtjCCAVugAwIBAgITBmyf1XSX…\n-----END CERTIFICATE-----\n';

export const name = givenName('The name of the credential; unique.', 'git-bot');

const MAX_HOSTS = 100;

export const hosts = z
  .array(
    z
      .string()
      .refine(isHost, { error: 'A host in lower case, with its port where that is not the one of https or ssh.' }),
  )
  .max(MAX_HOSTS)
  .refine((all) => new Set(all).size === all.length, { error: 'Each at most once.' })
  .meta({
    id: 'CredentialHosts',
    description:
      'The only hosts it is sent to, with a port unless that is of https or ssh; empty: that of its first use.',
    examples: [['git.example.com']],
  });

export const username = text(255)
  .min(1)
  .regex(/^[^:\p{Cc}]+$/u, { error: 'A user name has no colon and no control characters.' })
  .meta({
    description: 'The user name at the Git host.',
    examples: ['bot'],
    openapi: { type: 'string', minLength: 1, maxLength: 255 },
  });

export const password = text(8192)
  .min(1)
  .meta({
    description: 'The password, or the access token used as one. Never given back.',
    examples: ['correct-horse-battery-staple'],
    writeOnly: true,
  });

export const token = z
  .string()
  .regex(/^[\x21-\x7e]{1,8192}$/, { error: 'A token is 1 to 8192 visible ASCII characters.' })
  .meta({
    description: 'The token, sent as `Authorization: Bearer`. Never given back.',
    examples: ['tok_3nq4V1o7wPxTq0m2yRj8'],
    writeOnly: true,
  });

export const caBundle = parsed(262_144, parseCaBundle)
  .nullable()
  .meta({
    description:
      'Certificates (PEM, one or more) that the TLS certificate of the Git host is checked against, instead of those that ' +
      'the server trusts by itself; `null` for these.',
    examples: [EXAMPLE_CERTIFICATE],
  });

export const privateKey = parsed(16_384, parseSshPrivateKey).meta({
  description:
    'The private key, without a passphrase: Ed25519, ECDSA or RSA, in the format of OpenSSH or in PEM. Never given back; ' +
    'the public half is shown as `publicKey`.',
  examples: ['-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA…\n-----END OPENSSH PRIVATE KEY-----\n'],
  writeOnly: true,
});

export const knownHosts = parsed(65_536, parseKnownHosts).meta({
  description:
    'The only host keys that are accepted, as `known_hosts` has them and `ssh-keyscan` prints them; of a port other than 22 ' +
    'under `[host]:port`. Hashed hosts are taken, `@cert-authority` and `@revoked` are not. Compare them with what the ' +
    'host publishes.',
  examples: [EXAMPLE_KNOWN_HOSTS],
});
