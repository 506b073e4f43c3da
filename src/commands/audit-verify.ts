import { parseArgs } from 'node:util';
import type { ChainHead } from '../audit/chain.js';
import { ChainStore } from '../audit/chain.store.js';
import { type ChainReport, verifyChain } from '../audit/chain-verifier.js';
import { readStorageConfig, StartupError } from '../config/config.js';
import { runCommand, withDatabase } from './command.js';

const USAGE = `audit:verify            follow the audit log's chain from its first link to its last
audit:verify --head     print where it stands now, as <sequence>:<hash>, to be kept elsewhere
audit:verify --expect <sequence>:<hash>    and see that it still holds what was kept

Looks at DATABASE_URL, else at the embedded PostgreSQL in DATA_DIR. Exits with 1 where the chain does not hold.`;

/** What a report says, in one line. */
export function describe({ entries, links, head, fault }: ChainReport): string {
  const counted = `${entries} entries, ${links} links`;
  if (fault === null) return `${counted}: the chain holds${head ? `, up to ${written(head)}` : ''}.`;
  const place = fault.sequence === null ? '' : ` at link ${fault.sequence}`;
  return `${counted}: BROKEN${place}: ${fault.message}.`;
}

const written = ({ sequence, hash }: ChainHead): string => `${sequence}:${hash}`;

function readHead(text: string | undefined): ChainHead | null {
  if (text === undefined) return null;
  const [, sequence, hash] = /^(\d{1,10}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (!sequence || !hash) throw new StartupError(`--expect takes <sequence>:<hash>, as --head prints them.`);
  return { sequence: Number(sequence), hash };
}

async function main(): Promise<void> {
  const options = { head: { type: 'boolean' }, expect: { type: 'string' }, help: { type: 'boolean' } } as const;
  const { head, expect, help } = parseArgs({ options }).values;
  if (help) return console.log(USAGE);
  const expected = readHead(expect);
  await withDatabase(readStorageConfig(), async (database) => {
    const store = new ChainStore(database);
    if (head) {
      const last = await store.head();
      return console.log(last ? written(last) : `0:${'0'.repeat(64)}`);
    }
    const report = await verifyChain(store, expected);
    console.log(describe(report));
    if (report.fault) process.exitCode = 1;
  });
}

await runCommand(import.meta.url, main, { sentence: 'The audit log could not be verified', exitCode: 2 });
