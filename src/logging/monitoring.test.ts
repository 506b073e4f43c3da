import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { METRIC_SOURCES } from '../../test/support/metric-sources.js';
import { Metrics } from './metrics.js';

interface Rule {
  alert: string;
  expr: string;
  annotations: Record<string, string>;
}
interface Panel {
  type: string;
  title: string;
  targets?: { expr: string; legendFormat: string }[];
}

const read = async (name: string) => readFile(`examples/monitoring/${name}`, 'utf8');
const { groups } = parse(await read('alerts.yml')) as { groups: { rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);
const { panels } = JSON.parse(await read('dashboard.json')) as { panels: Panel[] };
const targets = panels.flatMap((panel) => panel.targets ?? []);

/** Those of Prometheus, on every metric that it has scraped. */
const SCRAPED = ['job', 'instance'];
/** The words of PromQL that stand in these files. */
const WORDS = 'absent by delta group_left histogram_quantile max min offset on or rate sum topk vector'.split(' ');
const LABELS = /(?<=\b(?:by|on|group_left)\s*)\(([^)]*)\)|\{([^}]*)\}/g;

/** The names of metrics in a PromQL expression: whatever is no word of the language. */
function metricsIn(expression: string): string[] {
  const bare = expression
    .replaceAll(/"[^"]*"/g, '')
    .replaceAll(LABELS, '')
    .replaceAll(/\[[^\]]*\]/g, '');
  const names = [...bare.matchAll(/(?<!\w)[a-zA-Z_:][\w:]*/g)].map(([name]) => name);
  return names.filter((name) => !WORDS.includes(name));
}

/** The labels by which it chooses and groups. */
function labelsIn(expression: string): string[] {
  const lists = [...expression.replaceAll(/"[^"]*"/g, '').matchAll(LABELS)].map(([, by, where]) => by ?? where ?? '');
  return lists.flatMap((list) => [...list.matchAll(/[a-zA-Z_]\w*/g)].map(([label]) => label));
}

/** Each series that the service can tell, with its labels: one of each was made. */
async function seriesTold(): Promise<Map<string, Set<string>>> {
  const metrics = new Metrics();
  metrics.readFrom(METRIC_SOURCES);
  metrics.requestAnswered('GET', '/api/v1/packages', 200, 0.003);
  metrics.operationEnded('publish', 'succeeded');
  metrics.revisionChanged('created');
  metrics.synced('poll');
  metrics.errorLogged('Operations');
  metrics.eventStreamsOpen(1);
  metrics.eventReached(0.01);
  metrics.rowsRemoved('operations', 1);
  metrics.gitOperationEnded('fetch', 1.5, 'timeout');
  const told = new Map<string, Set<string>>();
  for (const [, name = '', labels = ''] of (await metrics.render()).matchAll(/^(\w+)(?:\{(.*)\})? /gm)) {
    const known = told.get(name) ?? new Set(SCRAPED);
    for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) known.add(label);
    told.set(name, known);
  }
  return told.set('up', new Set(SCRAPED));
}

const told = await seriesTold();

it.each([
  ...rules.map(({ alert, expr, annotations }) => [alert, expr, Object.values(annotations).join()] as const),
  ...targets.map(
    ({ expr, legendFormat }) => [legendFormat, expr, legendFormat.replaceAll('{{', '{{ $labels.')] as const,
  ),
])('%s: asks for what the service tells', (_, expression, shown) => {
  const names = metricsIn(expression);
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) expect(told.has(name), name).toBe(true);
  const labels = new Set(names.flatMap((name) => [...(told.get(name) ?? [])]));
  for (const label of labelsIn(expression)) expect(labels, expression).toContain(label);
  // A name that is grouped away shows as nothing.
  const kept = new Set(/\b(by)\b/.test(expression) ? labelsIn(expression) : labels);
  for (const [, label = ''] of shown.matchAll(/\$labels\.(\w+)/g)) expect(kept, expression).toContain(label);
});

/** The metrics of docs/operating.md, and whether one is worth an alarm. */
async function listed(): Promise<{ name: string; alarm: boolean }[]> {
  const page = await readFile('docs/operating.md', 'utf8');
  return [...page.matchAll(/^\| `(pkgserver_\w+)[^|]*\|[^|]*\|([^|]*)\|$/gm)].map(([, name = '', alarm = '']) => ({
    name,
    alarm: alarm.trim() !== '',
  }));
}

const asks = (expressions: { expr: string }[], name: string) =>
  expressions.some(({ expr }) => metricsIn(expr).some((used) => used.replace(/_(bucket|count|sum)$/, '') === name));

it('has a rule for every metric that docs/operating.md calls worth an alarm, and for the scrape', async () => {
  const metrics = await listed();
  expect(metrics.length).toBeGreaterThan(10);
  for (const { name, alarm } of metrics) expect(asks(rules, name), name).toBe(alarm);
  expect(asks(rules, 'up')).toBe(true);
});

it('shows every metric of docs/operating.md', async () => {
  for (const { name } of await listed()) expect(asks(targets, name), name).toBe(true);
});

it('lists every metric of the service there', async () => {
  const names = new Set((await listed()).map(({ name }) => name));
  const own = [...told.keys()].filter((name) => name.startsWith('pkgserver_'));
  for (const name of own) expect(names, name).toContain(name.replace(/(?<=_seconds)_(bucket|count|sum)$/, ''));
});

it('docs/operating.md says of each alert what it means and what is to be done', async () => {
  const [, page = ''] = (await readFile('docs/operating.md', 'utf8')).split('### Alerts');
  const told = [...page.matchAll(/^\| `(Pkgserver\w+)` +(\|[^|]*\S[^|]*){3}\|$/gm)].map(([, name]) => name);
  expect(told).toEqual(rules.map(({ alert }) => alert));
});
