import { type Check, type Finding, failed, ok, warning } from './check.js';

const DOUBTFUL_MS = 5_000;
const WRONG_MS = 60_000;

/** `theirs` was read between `asked` and `answered`, all in milliseconds since 1970. `whose`: "the database’s". */
export function compareClocks(whose: string, theirs: number, asked: number, answered: number): Finding {
  // Within the time that the answer took nobody can tell.
  const off = theirs < asked ? asked - theirs : Math.max(0, theirs - answered);
  const found = `The clock of this machine and ${whose} differ by ${(off / 1000).toFixed(off < DOUBTFUL_MS ? 1 : 0)} s.`;
  const advice = 'Set both by NTP: leases, tokens and times of events go by them.';
  if (off > WRONG_MS) return failed(found, advice);
  return off > DOUBTFUL_MS ? warning(found, advice) : ok(found);
}

export const clock: Check = {
  name: 'clock',
  needs: 'database',
  look: async ({ database }) => {
    const asked = Date.now();
    const [row] = await database.client.$queryRaw<{ now: number }[]>`
      SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now`;
    return [compareClocks('the database’s', row?.now ?? asked, asked, Date.now())];
  },
};
