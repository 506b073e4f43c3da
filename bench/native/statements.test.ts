import { describe, expect, it } from 'vitest';
import { readStatements } from './statements.js';

const log = [
  '2026-01-01 10:00:00.000 UTC [7] LOG:  execute <unnamed>: SELECT 1 FROM lease',
  '2026-01-01 10:00:00.000 UTC [7] LOG:  execute s1: ',
  '\t  SELECT r.id FROM package_revision r',
  '\t  WHERE r.path = $1 AND r.tag = $2 LIMIT $3',
  "2026-01-01 10:00:00.000 UTC [7] DETAIL:  Parameters: $1 = 'it''s, $9', $2 = NULL, $3 = '101'",
  '2026-01-01 10:00:00.000 UTC [7] LOG:  statement: COMMIT',
  '',
].join('\n');

describe('readStatements', () => {
  it('finds what readers asked, with its parameters', () => {
    expect(readStatements(log)).toEqual([
      {
        text: '\n  SELECT r.id FROM package_revision r\n  WHERE r.path = $1 AND r.tag = $2 LIMIT $3',
        values: ["it's, $9", null, '101'],
      },
    ]);
  });
});
