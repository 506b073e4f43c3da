import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { uuidv7 } from '../../src/domain/uuid.js';
import { EVENT_TYPE_NAMES } from '../../src/events/event-types.js';
import { follow, type FollowedEvent } from '../../src/http/pages/shared/event-stream.js';
import { Refused } from '../../src/http/pages/shared/problem.js';
import { eventsOn } from '../support/events.js';
import { type Pkgserver, startPkgserver } from '../support/pkgserver.js';
import { signIn } from '../support/sign-in.js';
import { TcpProxy } from '../support/tcp-proxy.js';

let pkgserver: Pkgserver;
let proxy: TcpProxy;
let token: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  pkgserver = await startPkgserver({ AUTH: 'required' });
  token = await signIn(pkgserver.database, 'root', { role: 'admin' });
  proxy = await TcpProxy.start(pkgserver.url);
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await proxy?.stop();
  await pkgserver?.stop();
});

async function tell(name: string): Promise<void> {
  const { log, numbering } = eventsOn(pkgserver.database);
  const facts = { id: uuidv7(), name };
  await log.record([{ type: 'repository.registered', path: null, repositoryId: null, facts, actor: 'ada' }]);
  await numbering.numberAll();
}

/** `npm run events`, through the proxy. */
function followInTerminal(options: string[], variables: Record<string, string> = { PKGSERVER_TOKEN: token }) {
  const { PATH = '' } = process.env;
  const parameters = ['dist/commands/events.js', '--url', proxy.through(pkgserver.url), ...options];
  const child = spawn(process.execPath, parameters, { env: { PATH, ...variables } });
  children.push(child);
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].on('data', (data: Buffer) => (said[name] += data.toString()));
  const code = once(child, 'close').then(([code]: (number | null)[]) => code);
  return { child, said, code };
}

const bearer = () => ({ Authorization: `Bearer ${token}` });
const namesOf = (events: readonly FollowedEvent[]) =>
  events.map(({ data }) => (data as { repository?: { name: string } }).repository?.name);

describe('events as they come', () => {
  it('are followed by the page and in a terminal through a connection that breaks, each once', async () => {
    await tell('before');
    const events: FollowedEvent[] = [];
    const said: string[] = [];
    const ending = new AbortController();
    const followed = follow({
      url: new URL('api/v1/events', proxy.through(pkgserver.url)),
      headers: bearer(),
      signal: ending.signal,
      told: {
        events: (more) => events.push(...more),
        connected: () => said.push('connected'),
        disconnected: () => said.push('disconnected'),
      },
      pause: 100,
    });
    const terminal = followInTerminal(['--type', 'repository.registered']);
    const json = followInTerminal(['--json', '--after', '0', '--actor', 'ada']);
    await expect.poll(() => json.said.stdout).toContain('"before"');
    await expect.poll(() => said).toEqual(['connected']);
    await expect.poll(() => terminal.said.stderr).toContain('Connected to');
    await tell('first');
    await expect.poll(() => namesOf(events).at(-1)).toBe('first');
    proxy.onConnection(() => ({ refuse: true }));
    proxy.cutNow();
    await tell('second');
    await expect.poll(() => said).toEqual(['connected', 'disconnected']);
    await expect.poll(() => terminal.said.stderr).toContain('Disconnected');
    proxy.onConnection(null);
    await expect.poll(() => namesOf(events).at(-1)).toBe('second');
    await tell('third');
    await expect.poll(() => namesOf(events).at(-1)).toBe('third');
    for (const { said: all } of [terminal, json]) await expect.poll(() => all.stdout).toContain('third');
    ending.abort();
    await followed;
    expect(said).toEqual(['connected', 'disconnected', 'connected']);
    // What happened in the seconds before may be told as well.
    expect(namesOf(events).filter((name) => name !== 'before')).toEqual(['first', 'second', 'third']);
    const lines = terminal.said.stdout.trimEnd().split('\n');
    expect(lines.slice(-3).map((line) => line.replace(/^\S+ \S+ +/, ''))).toEqual(
      ['first', 'second', 'third'].map((name) => `repository.registered             ${name}  by ada`),
    );
    expect(terminal.said.stdout).not.toContain('\u001B');
    const whole = json.said.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as FollowedEvent);
    expect(namesOf(whole)).toEqual(['before', 'first', 'second', 'third']);
    for (const { child, said: all, code } of [terminal, json]) {
      child.kill('SIGINT');
      expect(await code).toBe(0);
      expect(all.stderr.match(/Connected to|Disconnected: /g)).toEqual([
        'Connected to',
        'Disconnected: ',
        'Connected to',
      ]);
    }
  }, 60_000);

  it('end with a sentence where the service says no', async () => {
    await pkgserver.database.client.eventNumbers.updateMany({ data: { pruned: 5 } });
    const nobody = { PKGSERVER_TOKEN: await signIn(pkgserver.database, 'nobody') };
    const refused = [
      followInTerminal([], {}),
      followInTerminal([], nobody),
      followInTerminal(['--after', '4']),
      followInTerminal(['--type', 'nonsense']),
    ];
    const ends = await Promise.all(refused.map(async ({ said, code }) => [await code, said.stdout, said.stderr]));
    const sentence = (status: number) =>
      expect.stringMatching(new RegExp(`^Nothing is followed: .+\\. \\(${status}\\)\\n$`)) as string;
    expect(ends).toEqual([401, 403, 410, 400].map((status) => [1, '', sentence(status)]));
    expect(ends[3]?.[2]).toContain('There is no such type of event.');
    const told = { events: () => undefined, connected: () => undefined, disconnected: () => undefined };
    const url = new URL(`${pkgserver.url}/api/v1/events`);
    await expect(follow({ url, headers: {}, signal: new AbortController().signal, told })).rejects.toThrow(Refused);
    await pkgserver.database.client.eventNumbers.updateMany({ data: { pruned: 0 } });
  });

  it('are measured', async () => {
    const metrics = await (await fetch(`${pkgserver.url}/metrics`, { headers: bearer() })).text();
    expect(Number(/^pkgserver_event_lag_seconds_count (\d+)$/m.exec(metrics)?.[1])).toBeGreaterThan(0);
    expect(Number(/^pkgserver_event_lag_seconds_sum (\S+)$/m.exec(metrics)?.[1])).toBeLessThan(60);
  });
});

describe('the page', () => {
  it('runs scripts of this service alone, and none in itself', async () => {
    const response = await fetch(`${pkgserver.url}/docs/events`);
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(policy).not.toContain('unsafe');
    const html = await response.text();
    expect(html).toContain('data-auth="required"');
    expect(html).not.toMatch(/<style|style=|\son\w+=|<script(?![^>]* src="events\/[\w./]+")/);
    const boxes = [...html.matchAll(/name="type" value="dev\.pkgserver\.([\w.]+)"/g)].map(([, type]) => type);
    expect(boxes.sort()).toEqual([...EVENT_TYPE_NAMES].sort());
    const parts = [...html.matchAll(/(?:src|href)="([\w/.-]+)"/g)].map(([, path = '']) => path);
    expect(parts.length).toBe(6);
    for (const path of [...parts, 'events/events/event-line.js', 'events/shared/event-stream.js']) {
      const part = await fetch(new URL(path, response.url));
      expect([path, part.status]).toEqual([path, 200]);
      if (path.endsWith('.js')) {
        expect(part.headers.get('content-type')).toMatch(/^text\/javascript/);
        expect(await part.text()).not.toMatch(/innerHTML|outerHTML|insertAdjacent|document\.write|localStorage|eval\(/);
      }
    }
    expect(await (await fetch(`${pkgserver.url}/openapi.json`)).text()).toContain('(/docs/events)');
  });
});
