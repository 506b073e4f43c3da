import { setTimeout as sleep } from 'node:timers/promises';
import type { Result } from '../report/result.js';
import { median } from '../report/statistics.js';
import { EventStream } from '../stage/event-stream.js';
import type { Stage } from '../stage/stage.js';

const PER_ROUND = 40;
const READERS = 1_000;

/** From the request that changes something to a reader of another process, and what a thousand readers of one process cost. */
export async function events(stage: Stage): Promise<Result[]> {
  const catalog = await stage.catalog('events', { packages: 10, tags: 1 });
  return stage.withPkgserver({ row: 'events' }, async ({ api: writer, databaseUrl }) => {
    const repositoryId = await writer.register('events', catalog.url);
    const variables = { EVENT_STREAMS_PER_IDENTITY: String(READERS + 1) };
    const reading = { row: 'events', role: 'api', databaseUrl, variables } as const;
    return stage.withPkgserver(reading, async (reader) => {
      const change = async (name: string): Promise<string> => {
        const source = { type: 'init' };
        const asked = { repositoryId, package: name, workspace: 'first', source };
        return (await writer.send<{ id: string }>('POST', '/package-revisions', asked)).body.id;
      };
      const first = await EventStream.open(reader, writer.token);
      const times: number[] = [];
      for (let turn = 0; turn < stage.options.rounds * PER_ROUND; turn += 1) {
        const began = performance.now();
        const id = await change(`one-${turn}`);
        times.push((await first.sees(id)) - began);
      }
      const before = (await reader.memory()).now;
      const streams = await Promise.all(Array.from({ length: READERS }, () => EventStream.open(reader, writer.token)));
      const spread: number[] = [];
      for (let turn = 0; turn < 20; turn += 1) {
        const began = performance.now();
        const id = await change(`all-${turn}`);
        const seen = await Promise.all(streams.map((stream) => stream.sees(id)));
        spread.push(Math.max(...seen) - began);
      }
      await sleep(1_000);
      const after = (await reader.memory()).now;
      for (const stream of [first, ...streams]) stream.close();
      const shared = { row: 'events', native: [], notes: [] };
      return [
        {
          ...shared,
          work: 'a change, until a reader of another process has its event',
          unit: 'ms',
          ours: times,
          limit: { of: 'ours', comparison: '<=', value: 100 },
          notes: ['from the request on, so that the change itself is part of it'],
        },
        {
          ...shared,
          work: `memory of ${READERS} readers on one process`,
          unit: 'MiB',
          ours: [(after - before) / 2 ** 20],
          limit: { of: 'ours', comparison: '<=', value: 200 },
          notes: [`the last of them has an event ${Math.round(median(spread))} ms after the request`],
        },
      ];
    });
  });
}
