import { describe, expect, it } from 'vitest';
import { parseGitUrl } from '../../domain/git-url.js';
import { deliveryOf, readHook } from './hook-payload.js';

const sent = (payload: unknown, headers: Record<string, string> = {}) => ({
  headers: { 'content-type': 'application/json', ...headers },
  body: Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)),
});
const { key } = parseGitUrl('https://git.example.com/team/blueprints.git');

describe('the repositories that a webhook names', () => {
  const shapes: [string, Parameters<typeof readHook>[0], object][] = [
    [
      'by the clone URL of GitHub',
      'github',
      { repository: { clone_url: 'https://git.example.com/team/blueprints.git' } },
    ],
    ['by the short ssh URL', 'github', { repository: { ssh_url: 'git@git.example.com:team/blueprints.git' } }],
    ['by the ssh URL of Gitea', 'gitea', { repository: { ssh_url: 'ssh://git@git.example.com/team/blueprints.git' } }],
    ['by the page of it', 'gitea', { repository: { html_url: 'https://GIT.example.com/team/blueprints' } }],
    [
      'by the project of GitLab',
      'gitlab',
      { project: { git_http_url: 'https://git.example.com/team/blueprints.git' } },
    ],
    [
      'by the link of Bitbucket',
      'bitbucket',
      { repository: { links: { html: { href: 'https://git.example.com/team/blueprints' } } } },
    ],
    [
      'by the clone links of Bitbucket',
      'bitbucket',
      { repository: { links: { clone: [{ href: 'https://git.example.com/team/blueprints.git', name: 'http' }] } } },
    ],
    ['by its URL alone', 'generic', { repository: 'https://git.example.com/team/blueprints' }],
  ];
  it.each(shapes)('are known %s', (_, type, payload) => {
    expect(readHook(type, sent(payload)).keys).toEqual([key]);
  });

  it('are none where it has no URL, and nobody’s where that is no URL of a repository', () => {
    for (const payload of [
      {},
      { repository: {} },
      { repository: { url: '' } },
      { repository: 7 },
      { project: null },
      [],
    ]) {
      expect(readHook('generic', sent(payload)).keys).toBeNull();
    }
    expect(readHook('generic', sent('')).keys).toBeNull();
    for (const url of [
      'nonsense',
      'https://user:password@git.example.com/a',
      'git://git.example.com/team/blueprints.git',
    ]) {
      expect(readHook('generic', sent({ repository: url })).keys).toEqual([]);
    }
  });

  it('are read from a form as well', () => {
    const form = new URLSearchParams({ payload: JSON.stringify({ repository: 'https://git.example.com/a' }) });
    const { keys } = readHook('github', sent(form.toString(), { 'content-type': 'application/x-www-form-urlencoded' }));
    expect(keys).toEqual(['git.example.com/a']);
  });

  it('are not looked for in what is no JSON object', () => {
    const deep = '['.repeat(200_000);
    for (const wrong of ['push', '"push"', '7', 'null', '{"a"', '\0', deep]) {
      expect(() => readHook('generic', sent(wrong)), wrong.slice(0, 9)).toThrow('neither a JSON object');
    }
    expect(() => readHook('github', sent('a=b', { 'content-type': 'application/x-www-form-urlencoded' }))).toThrow();
  });
});

describe('a webhook says that refs changed', () => {
  const events: [Parameters<typeof readHook>[0], string, string[], string[]][] = [
    ['github', 'x-github-event', ['push', 'create', 'delete'], ['ping', 'issues']],
    ['gitea', 'x-gitea-event', ['push', 'create', 'delete'], ['issues', 'release']],
    ['gitlab', 'x-gitlab-event', ['Push Hook', 'Tag Push Hook'], ['Issue Hook', 'System Hook']],
    ['bitbucket', 'x-event-key', ['repo:push', 'repo:refs_changed'], ['diagnostics:ping', 'pullrequest:created']],
  ];
  it.each(events)('of %s by %s', (type, header, changes, others) => {
    for (const event of changes) expect(readHook(type, sent({}, { [header]: event })).isChange, event).toBe(true);
    for (const event of others) expect(readHook(type, sent({}, { [header]: event })).isChange, event).toBe(false);
    expect(readHook(type, sent({})).isChange).toBe(true);
  });

  it('of a whole GitLab in its body', () => {
    const system = (name: string) =>
      readHook('gitlab', sent({ event_name: name }, { 'x-gitlab-event': 'System Hook' }));
    expect(system('tag_push').isChange).toBe(true);
    expect(system('user_create').isChange).toBe(false);
  });
});

describe('the id of a webhook', () => {
  it('is the same for the same, and none where the host sends none', () => {
    const one = sent({}, { 'x-github-delivery': '1' });
    expect(deliveryOf('github', one)).toBe(deliveryOf('github', sent({ a: 1 }, { 'x-github-delivery': '1' })));
    expect(deliveryOf('github', one)).not.toBe(deliveryOf('github', sent({}, { 'x-github-delivery': '2' })));
    expect(deliveryOf('gitea', one)).toBeNull();
    expect(deliveryOf('bitbucket', sent({}, { 'x-hook-uuid': 'of the hook' }))).toBeNull();
    expect(deliveryOf('generic', sent({}, { 'idempotency-key': '1' }))).toHaveLength(43);
  });

  it.each(['flux', 'argocd'] as const)('that %s does not send is its body', (type) => {
    expect(deliveryOf(type, sent({ a: 1 }))).toBe(deliveryOf(type, sent({ a: 1 }, { 'idempotency-key': '1' })));
    expect(deliveryOf(type, sent({ a: 1 }))).not.toBe(deliveryOf(type, sent({ a: 2 })));
  });

  it('that GitLab gives to several counts with the body', () => {
    const at = (payload: object, headers = {}) =>
      deliveryOf('gitlab', sent(payload, { 'x-gitlab-event-uuid': '1', ...headers }));
    expect(at({ a: 1 })).toBe(at({ a: 1 }));
    expect(at({ a: 1 })).not.toBe(at({ a: 2 }));
    expect(at({ a: 1 }, { 'idempotency-key': '2' })).toBe(at({ a: 2 }, { 'idempotency-key': '2' }));
  });
});
