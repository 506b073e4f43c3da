import { afterAll, expect, inject } from 'vitest';
import { onAnswer } from './answers.js';
import { theContract } from './contract.js';
import { writeRecord } from './records.js';

// Vitest runs this before every test file that may start an API. Each answer that an API in this process gives is
// compared with openapi.yaml; the file fails where they differ, and leaves a record for the judgement over all files.
const path = expect.getState().testPath ?? '';
// A file all of whose tests are skipped, for what is missing on this machine, has run as well.
writeRecord(inject('contractRecords'), `begun-${path.replaceAll('/', '-')}`, {
  file: path,
  answers: 0,
  bodies: 0,
  seen: [],
});

const faults = new Set<string>();
const seen = new Set<string>();
let answers = 0;
let bodies = 0;

const end = onAnswer((answer) => {
  const verdict = theContract().judge(answer);
  if (verdict === null) return;
  answers += 1;
  if (verdict.bodyChecked) bodies += 1;
  for (const fault of verdict.faults) faults.add(fault);
  for (const part of verdict.seen) seen.add(part);
});

// Vitest runs the hook that was added first last: the test file has closed its servers by then.
// oxlint-disable-next-line no-empty-pattern -- Vitest reads fixtures off the first parameter, and insists on a pattern
afterAll(({}, { file }) => {
  end();
  writeRecord(inject('contractRecords'), file.id, { file: path, answers, bodies, seen: [...seen] });
  expect([...faults], 'answers that are not as openapi.yaml says').toEqual([]);
});
