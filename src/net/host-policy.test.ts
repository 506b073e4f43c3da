import { describe, expect, it } from 'vitest';
import { guardedLookup, HostPolicy, HostRefusedError, isRefusedAddress } from './host-policy.js';

describe('isRefusedAddress', () => {
  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '::ffff:a00:1',
    '64:ff9b::a00:1',
    '2002:7f00:1::',
    'fc00::1',
    'fd12:3456::1',
    'fe80::1',
    'fe80::1%eth0',
    'ff02::1',
    'not-an-address',
  ])('refuses %s', (address) => {
    expect(isRefusedAddress(address)).toBe(true);
  });

  it.each(['1.1.1.1', '8.8.8.8', '100.128.0.1', '172.32.0.1', '192.169.0.1', '2606:4700::1111', '2a00:1450::1'])(
    'lets %s through',
    (address) => {
      expect(isRefusedAddress(address)).toBe(false);
    },
  );
});

describe('HostPolicy', () => {
  const check = (url: string, options = {}) => new HostPolicy(options).check(new URL(url));
  const refused = expect.any(HostRefusedError);

  it.each([
    'https://127.0.0.1/x.git',
    'https://2130706433/x.git',
    'https://0x7f.1/x.git',
    'https://[::1]/x.git',
    'https://localhost/x.git',
    'https://git.localhost./x.git',
    'https://[::ffff:10.0.0.1]/x.git',
    'http://git.example.com/x.git',
    'https://user:secret@git.example.com/x.git',
    'ssh://git:secret@git.example.com/x.git',
    'ssh://-oProxyCommand=x/x.git',
    'ssh://-lroot@git.example.com/x.git',
    'ssh://git@a,b/x.git',
    'ssh://git@10.0.0.1/x.git',
    'file:///etc/passwd',
  ])('refuses %s', (url) => {
    expect(() => check(url)).toThrow(refused);
  });

  it('says nothing secret when it refuses', () => {
    expect(() => check('https://user:hunter2@git.example.com/x')).toThrow(/^((?!hunter2).)*$/);
  });

  it.each([
    ['https://git.example.com/x.git', false],
    ['https://8.8.8.8/x.git', false],
    ['http://git.example.com/x.git', true],
  ])('lets %s through (allowHttp: %s)', (url, allowHttp) => {
    expect(() => check(url, { allowHttp })).not.toThrow();
  });

  it('refuses private addresses over http for what they are', () => {
    const notPublic = expect.objectContaining({ reason: 'notPublic' });
    expect(() => check('http://10.0.0.1/x.git', { allowHttp: true })).toThrow(notPublic);
    expect(() => check('http://10.0.0.1/x.git')).toThrow(notPublic);
  });

  it.each([
    ['http://127.0.0.1:3000/x', '127.0.0.1', true],
    ['http://127.0.0.1:3000/x', '127.0.0.1:3000', true],
    ['http://127.0.0.1:3001/x', '127.0.0.1:3000', false],
    ['http://git.internal/x', 'Git.Internal', true],
    ['https://git.internal/x', 'git.internal:443', true],
    ['http://sub.git.internal/x', 'git.internal', false],
    ['https://[::1]:8443/x', '::1', true],
    ['https://[::1]:8443/x', '[::1]:8443', true],
    ['ssh://git@git.internal/x', 'git.internal:22', true],
    ['ssh://git@git.internal:2222/x', 'git.internal:22', false],
    ['ssh://git@git.internal:2222/x', 'git.internal:2222', true],
    ['ssh://git@git.internal/x', 'git.internal:443', false],
    ['http://anything/x', '*', true],
  ])('%s with %s allowed: %s', (url, host, trusted) => {
    expect(new HostPolicy({ allowedHosts: [host] }).trusts(new URL(url))).toBe(trusted);
  });
});

describe('guardedLookup', () => {
  it('refuses a name that leads to a private address', async () => {
    const error = await new Promise((resolve) => guardedLookup('localhost', {}, resolve));
    expect(error).toMatchObject({ name: 'HostRefusedError', reason: 'notPublic' });
  });
});
