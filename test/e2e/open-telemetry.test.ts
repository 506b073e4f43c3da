import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startTestApi } from '../support/api.js';
import { type CollectedSpan, Collector } from '../support/collector.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { GitServer } from '../support/git-server.js';
import { type PkgserverProcess, startProcess } from '../support/process.js';
import { Steps } from '../support/steps.js';

const SIGTERM_MS = 3_000;

let git: GitServer;
let collector: Collector;
let test: TestDatabase;
let folder: string;
let api: PkgserverProcess;
let worker: PkgserverProcess;
let steps: Steps;
let repositoryId: string;
const processes: PkgserverProcess[] = [];

async function start(role: string, settings: Record<string, string> = {}): Promise<PkgserverProcess> {
  const process = await startProcess({
    ROLE: role,
    DATABASE_URL: test.url,
    DATA_DIR: join(folder, `${role}-${processes.length}`),
    CREDENTIALS_KEY: Buffer.alloc(32, 7).toString('base64'),
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-api-key=swordfish',
    OTEL_BSP_SCHEDULE_DELAY: '50',
    RETRY_MAX_SECONDS: '1',
    ...settings,
  });
  processes.push(process);
  return process;
}

/** A caller's trace. */
function aTrace(flags = '01') {
  const traceId = randomBytes(16).toString('hex');
  const spanId = randomBytes(8).toString('hex');
  return { traceId, spanId, traceparent: `00-${traceId}-${spanId}-${flags}` };
}

async function approve(revisionId: string, headers: Record<string, string>): Promise<string> {
  const path = `/package-revisions/${revisionId}/approve`;
  const { body } = await steps.expect(202, 'POST', path, undefined, { 'If-Match': '*', ...headers });
  return body.id as string;
}

async function aProposal(name: string): Promise<string> {
  const id = await steps.draft(repositoryId, name);
  await steps.propose(id);
  // No visit is to begin with that.
  await steps.pushed(id);
  return id;
}

/** Spans under the one that the caller names, each indented below its parent; and with the caller's, all are there. */
function tree(spans: readonly CollectedSpan[], parent: string, depth = 0): string[] {
  return spans
    .filter(({ parentSpanId }) => parentSpanId === parent)
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .flatMap((span) => [`${'  '.repeat(depth)}${span.name}`, ...tree(spans, span.spanId, depth + 1)]);
}

const named = (spans: readonly CollectedSpan[], name: string) => spans.filter((span) => span.name === name);

const linesOf = (process: PkgserverProcess) =>
  process
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);

beforeAll(async () => {
  [git, collector, test] = await Promise.all([GitServer.start(), Collector.start(), createTestDatabase()]);
  folder = await mkdtemp(join(tmpdir(), 'pkgserver-open-telemetry-'));
  [api, worker] = await Promise.all([start('api', { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }), start('worker')]);
  steps = new Steps(api.url);
  const { url } = await git.createRepository('blueprints');
  repositoryId = await steps.register({ name: 'blueprints', url });
});
afterAll(async () => {
  await Promise.all(processes.map((process) => process.kill()));
  await collector?.stop();
  await git?.stop();
  await test?.drop();
  await rm(folder, { recursive: true, force: true });
});

describe('an approval', () => {
  it("is one trace from the caller's span to the push, through two processes, with the request's id", async () => {
    const { traceId, spanId, traceparent } = aTrace();
    const id = await aProposal('web');
    const headers = { traceparent, tracestate: 'vendor=1', 'X-Request-Id': 'r-web' };
    const operationId = await approve(id, headers);
    await steps.finished(operationId);
    await vi.waitFor(() => expect(named(collector.trace(traceId), 'visit')).toHaveLength(1), 20_000);

    const spans = collector.trace(traceId);
    expect(tree(spans, spanId)).toEqual([
      'POST /api/v1/package-revisions/:id/approve',
      '  operation publish',
      '    push',
      '      git push',
      '    visit',
      '      git list',
      '      record',
    ]);
    const [request] = named(spans, 'POST /api/v1/package-revisions/:id/approve');
    expect(request).toMatchObject({
      attributes: { 'http.response.status_code': 202, 'pkgserver.request.id': 'r-web' },
      resource: { 'service.name': 'pkgserver', 'pkgserver.role': 'api' },
    });
    const [operation] = named(spans, 'operation publish');
    expect(operation).toMatchObject({
      attributes: {
        'pkgserver.request.id': 'r-web',
        'pkgserver.operation.id': operationId,
        'pkgserver.operation.outcome': 'succeeded',
        'pkgserver.package_revision.id': id,
      },
      resource: { 'service.name': 'pkgserver', 'pkgserver.role': 'worker' },
    });
    expect(new Set(spans.map(({ state }) => state))).toEqual(new Set(['vendor=1']));
    expect(spans.filter(({ error }) => error !== undefined)).toEqual([]);
    expect([...collector.mediaTypes].sort()).toEqual(['application/json', 'application/x-protobuf']);
    expect([...collector.keys]).toEqual(['swordfish']);
    expect(linesOf(api)).toContainEqual(expect.objectContaining({ requestId: 'r-web', traceId, status: 202 }));
    expect(linesOf(worker)).toContainEqual(expect.objectContaining({ requestId: 'r-web', traceId, operationId }));
  });

  it('says of each attempt what stopped it', async () => {
    const { traceId, traceparent } = aTrace();
    const id = await aProposal('late');
    await git.down();
    const operationId = await approve(id, { traceparent });
    const attempts = () => named(collector.trace(traceId), 'operation publish');
    await vi.waitFor(() => expect(attempts()).not.toEqual([]), 20_000);
    await git.up();
    expect(await steps.finished(operationId)).toMatchObject({ state: 'succeeded' });
    const outcomes = () => attempts().map(({ attributes }) => attributes['pkgserver.operation.outcome']);
    await vi.waitFor(() => expect(outcomes()).toContain('succeeded'), 20_000);
    const [first] = attempts();
    const error = expect.stringContaining('refuses the connection') as string;
    expect(first).toMatchObject({ error, attributes: { 'pkgserver.operation.outcome': 'retried' } });
    expect(outcomes().filter((outcome) => outcome !== 'retried')).toEqual(['succeeded']);
    expect(new Set(attempts().map(({ parentSpanId }) => parentSpanId)).size).toBe(1);
    const lists = named(collector.trace(traceId), 'git list');
    expect(lists).toContainEqual(
      expect.objectContaining({ error: 'unreachable', attributes: { 'error.type': 'unreachable' } }),
    );
  });

  it('begins a trace of its own for a caller without one, or with one that is malformed', async () => {
    const { traceId, traceparent } = aTrace();
    await steps.expect(404, 'GET', '/operations/nobody', undefined, { traceparent: `${traceparent}-more` });
    const found = () =>
      collector.spans.find(({ attributes }) => attributes['url.path'] === '/api/v1/operations/nobody');
    await vi.waitFor(() => expect(found()).toMatchObject({ parentSpanId: '', error: undefined }), 20_000);
    expect(found()?.traceId).not.toBe(traceId);
  });

  it('is not sent where the caller has its trace not recorded, and stays in it', async () => {
    const quiet = aTrace('00');
    const operationId = await approve(await aProposal('quiet'), { traceparent: quiet.traceparent });
    await steps.finished(operationId);
    const { traceparent } = await test.database.client.operation.findUniqueOrThrow({ where: { id: operationId } });
    expect(traceparent).toMatch(new RegExp(`^00-${quiet.traceId}-[0-9a-f]{16}-00$`));
    const loud = aTrace();
    await steps.expect(200, 'GET', '/operations', undefined, { traceparent: loud.traceparent });
    await vi.waitFor(() => expect(collector.trace(loud.traceId)).toHaveLength(1), 20_000);
    expect(collector.trace(quiet.traceId)).toEqual([]);
  });

  it('shows its push also where one visit serves several, whose spans are linked', async () => {
    const proposals = [await aProposal('one'), await aProposal('two'), await aProposal('three')];
    const traces = proposals.map(() => aTrace());
    let letGo: () => void = () => undefined;
    const allAreIn = new Promise<void>((resolve) => (letGo = resolve));
    const isVisited = new Promise<void>((resolve) => {
      git.onRequest(() => {
        resolve();
        return allAreIn;
      });
    });
    const sync = aTrace();
    const asking = { traceparent: sync.traceparent };
    await steps.expect(202, 'POST', `/repositories/${repositoryId}/sync`, undefined, asking);
    await isVisited;
    const approving = proposals.map((id, index) => approve(id, { traceparent: traces[index]?.traceparent ?? '' }));
    const operations = await Promise.all(approving);
    git.onRequest(null);
    letGo();
    for (const id of operations) expect(await steps.finished(id)).toMatchObject({ state: 'succeeded' });
    const all = () => traces.map(({ traceId }) => collector.trace(traceId));
    const publications = () => named(all().flat(), 'operation publish').map(({ spanId }) => spanId);
    // Where the visit that was held was one by the clock, the next serves the request for a sync as well, and is under that.
    const visits = () =>
      named([...collector.trace(sync.traceId), ...all().flat()], 'visit').filter(({ parentSpanId, links }) =>
        [parentSpanId, ...links].some((served) => publications().includes(served)),
      );
    await vi.waitFor(() => expect(visits()).toHaveLength(1), 20_000);
    for (const spans of all()) {
      expect(named(spans, 'push')).toMatchObject([
        { parentSpanId: named(spans, 'operation publish')[0]?.spanId, attributes: { 'pkgserver.operations': 3 } },
      ]);
    }
    expect(named(all().flat(), 'git push')).toHaveLength(1);
    const [visit] = visits();
    const others = named(all().flat(), 'operation publish').filter(({ spanId }) => spanId !== visit?.parentSpanId);
    expect(others.map(({ links }) => links)).toEqual(others.map(() => [visit?.spanId]));
    expect(others.length).toBeGreaterThanOrEqual(2);
    expect([...(visit?.links ?? [])].sort()).toEqual(others.map(({ spanId }) => spanId).sort());
  });
});

describe('a collector', () => {
  it('that refuses or hangs is said once, harms nothing, and delays the end of no process', async () => {
    collector.mood = 'refuse';
    const complaints = () => linesOf(api).filter(({ context, level }) => context === 'Tracing' && level === 'warn');
    await steps.expect(200, 'GET', '/operations');
    await vi.waitFor(() => expect(complaints()).toHaveLength(1), 20_000);
    collector.mood = 'hang';
    const all = await start('all');
    const operationId = await approve(await aProposal('hanging'), {});
    expect(await steps.finished(operationId)).toMatchObject({ state: 'succeeded' });
    await new Steps(all.url).expect(200, 'GET', '/operations');
    expect(complaints()).toHaveLength(1);
    git.hang('blueprints');
    const { body: waiting } = await steps.expect(202, 'POST', `/repositories/${repositoryId}/sync`);
    const left = [api, all].map(({ url }) => fetch(`${url}/api/v1/operations/${waiting.id}?wait=30`));
    await sleep(300);
    for (const process of [all, worker, api]) {
      const begun = Date.now();
      expect(await process.stop()).toBe(0);
      expect(Date.now() - begun).toBeLessThan(SIGTERM_MS);
    }
    await Promise.allSettled(left);
  });
});

describe('without a collector', () => {
  it("a caller's trace is kept with the operation, as it came", async () => {
    const plain = await startTestApi();
    try {
      const { traceparent } = aTrace();
      const client = new Steps(plain.url);
      const body = { name: 'plain', deployment: false, git: { url: 'http://127.0.0.1:9/plain.git' } };
      await client.expect(201, 'POST', '/repositories', body, { traceparent, tracestate: 'vendor=1' });
      const kept = await plain.database.client.operation.findMany({ select: { traceparent: true, tracestate: true } });
      expect(kept).toEqual([{ traceparent, tracestate: 'vendor=1' }]);
    } finally {
      await plain.close();
    }
  });
});
