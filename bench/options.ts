import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

/** How a run is asked for. */
export interface Options {
  /** Names of rows; empty for all. */
  only: string[];
  /** Less data and fewer rounds: minutes in place of twenty. */
  quick: boolean;
  /** More data: growth up to 100,000 tags. */
  full: boolean;
  /** The rows of what is large, which a run without names leaves out, in place of all others. */
  large: boolean;
  rounds: number;
  seed: number;
  /** Where the results go as JSON. */
  json?: string;
  /** The Markdown page whose tables are written anew, once the run is part of the history. */
  write?: string;
  /** What was measured before, as JSON: a run says what has become slower since. */
  history: string;
  /** The folder for V8 CPU profiles of pkgserver. */
  profile?: string;
}

export const USAGE = `npm run bench -- [--quick | --full | --large] [--only row,row] [--rounds N] [--seed N] [--json file] [--write page.md] [--history file] [--profile folder]`;

export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string', default: '' },
      quick: { type: 'boolean', default: false },
      full: { type: 'boolean', default: false },
      large: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      seed: { type: 'string', default: '7' },
      json: { type: 'string' },
      write: { type: 'string' },
      history: { type: 'string', default: 'bench/history.json' },
      profile: { type: 'string' },
    },
  });
  const { quick, full, large, json, write, history } = values;
  const profile = values.profile === undefined ? undefined : resolve(values.profile);
  if (profile !== undefined) mkdirSync(profile, { recursive: true });
  return {
    ...{ quick, full, large, json, write, history, profile },
    only: values.only.split(',').filter((name) => name !== ''),
    rounds: positive('rounds', values.rounds ?? (quick ? '3' : '5')),
    seed: positive('seed', values.seed),
  };
}

function positive(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new Error(`--${name} ${text} is no whole number above 0.`);
  return number;
}
