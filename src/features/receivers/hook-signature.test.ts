import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { isSigned } from './hook-signature.js';

const body = Buffer.from('{"ref":"refs/heads/main"}');
const hmac = createHmac('sha256', 's3cret').update(body).digest('hex');

const right = [
  ['github', { 'x-hub-signature-256': `sha256=${hmac}` }],
  ['gitea', { 'x-gitea-signature': hmac }],
  ['bitbucket', { 'x-hub-signature': `sha256=${hmac}` }],
  ['generic', { 'x-signature': `sha256=${hmac}` }],
  ['flux', { 'x-signature': `sha256=${hmac}` }],
  ['gitlab', { 'x-gitlab-token': 's3cret' }],
  ['argocd', { 'x-pkgserver-token': 's3cret' }],
] as const;

it.each(right)('takes what %s signs, and nothing else', (type, headers) => {
  expect(isSigned(type, 's3cret', { headers, body })).toBe(true);
  expect(isSigned(type, 'other', { headers, body })).toBe(false);
  expect(isSigned(type, 's3cret', { headers: {}, body })).toBe(false);
  for (const [name, value] of Object.entries(headers)) {
    for (const wrong of ['', value.slice(0, -1), `${value}0`, value.replace('sha256=', 'sha1='), [value, value]]) {
      if (wrong === value) continue;
      expect(isSigned(type, 's3cret', { headers: { [name]: wrong }, body }), String(wrong)).toBe(false);
    }
  }
});

it.each(right.slice(0, 5))('refuses a body of %s with one byte changed', (type, headers) => {
  for (let at = 0; at < body.length; at += 1) {
    const changed = Buffer.from(body);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(isSigned(type, 's3cret', { headers, body: changed })).toBe(false);
  }
});

it('looks at the header of its own type alone', () => {
  const headers = { 'x-hub-signature': `sha256=${hmac}`, 'x-signature': `sha256=${hmac}`, 'x-gitlab-token': 's3cret' };
  expect(isSigned('github', 's3cret', { headers, body })).toBe(false);
  expect(isSigned('gitea', 's3cret', { headers, body })).toBe(false);
});
