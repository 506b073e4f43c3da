import { readdirSync } from 'node:fs';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { Contract } from '../support/contract/contract.js';
import { EVENT_TYPE_NAMES } from '../../src/events/event-types.js';
import { eventPart, type FileRecord, readRecords } from '../support/contract/records.js';
import { NOT_SEEN } from './not-seen.js';

// Runs when all other tests have ended, and judges what the watch saw in all of them together. A part of the suite
// cannot tell what the whole never sends, so a run of some files is judged by its own answers alone. Tests that skip
// because a tool is missing are no excuse: the rest of the suite shows everything.
const ROOT = new URL('../../', import.meta.url).pathname;
const FOLDERS = ['test/e2e', 'test/integration'];

let records: FileRecord[];
let ranWhole: boolean;
beforeAll(() => {
  records = readRecords(inject('contractRecords'));
  const ran = new Set(records.map(({ file }) => file));
  const expected = FOLDERS.flatMap((folder) =>
    readdirSync(ROOT + folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.test.ts'))
      .map((name) => `${ROOT}${folder}/${name}`),
  );
  ranWhole = !inject('someTests') && expected.every((file) => ran.has(file));
});

const sum = (count: (record: FileRecord) => number): number =>
  records.reduce((total, record) => total + count(record), 0);

describe('the answers of all tests', () => {
  it('were compared with the contract', () => {
    const answers = sum((record) => record.answers);
    const bodies = sum((record) => record.bodies);
    console.log(`The contract: ${answers} answers watched, ${bodies} bodies compared with their schemas.`);
    expect(ranWhole ? bodies : Infinity).toBeGreaterThan(1_000);
  });

  it('showed everything that the contract declares', () => {
    const seen = new Set(records.flatMap((record) => record.seen));
    const known = new Set(NOT_SEEN);
    const unseen = new Contract().declared().filter((part) => !seen.has(part) && !known.has(part));
    for (const part of NOT_SEEN) if (seen.has(part)) console.log(`Seen by now, take it from not-seen.ts: ${part}`);
    if (!ranWhole)
      console.log(`A part of the suite: ${unseen.length} declared parts were not seen, which says nothing.`);
    expect(ranWhole ? unseen : []).toEqual([]);
  });
});

it('raised every type of event', () => {
  const seen = new Set(records.flatMap((record) => record.seen));
  const unraised = EVENT_TYPE_NAMES.filter((type) => !seen.has(eventPart(type)));
  expect(ranWhole ? unraised : []).toEqual([]);
});
