import { expect, it } from 'vitest';
import { eventExamples } from '../features/events/event.examples.js';
import { written } from './events.js';
import { IdReader } from './id-reader.js';

const { published } = eventExamples;

it('writes an event as a line for people', () => {
  expect(written(published)).toMatch(
    /^2026-03-1\d \d\d:\d\d:53 {2}packageRevision\.published {9}edge-1\.fleet\.nf\.core\.initial {2}by grace {2}proposed → published, revision v1$/,
  );
});

it('lets nothing in an event steer the terminal', () => {
  const actor = 'ada\u001B[2J\r\n\u202Egrace';
  expect(written({ ...published, actor })).toContain('by ada\uFFFD[2J\uFFFD\uFFFD\uFFFDgrace');
});

it('reads ids out of pieces of a stream, each once its block is whole', () => {
  const bytes = new TextEncoder().encode('id: 7\ndata: {"é":1}\n\n: \nid: 9\n\nid: 12\ndata: {}\n');
  for (let size = 1; size <= bytes.length; size += 1) {
    const ids: string[] = [];
    const reader = new IdReader((id) => ids.push(id));
    for (let from = 0; from < bytes.length; from += size) reader.take(bytes.subarray(from, from + size));
    expect(ids.at(-1)).toBe('9');
  }
});
