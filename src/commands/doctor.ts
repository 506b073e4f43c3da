import { parseArgs } from 'node:util';
import { Logger } from '@nestjs/common';
import { runCommand } from './command.js';
import { lookAtConfiguration } from './doctor/configuration.js';
import { examine, type NamedFinding } from './doctor/examination.js';

const USAGE = `doctor [--json]    look at an installation from outside, and leave

Reads the variables of the service, and changes nothing. A line for each thing that was looked at: ok, warning or failed, what was
found, and what to do. --json: each line is an object with check, status, found and advice.
Exit code: 0 all is ok, 1 there are warnings, 2 something failed.`;

/** Servers have a say in what is found; nothing of theirs may steer a terminal, or be a line of its own. */
const harmless = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ');

const textOf = ({ status, check, found, advice }: NamedFinding): string =>
  harmless(`${status.padEnd(8)} ${check}: ${found}${advice === undefined ? '' : ` ${advice}`}`);

const jsonOf = ({ check, status, found, advice }: NamedFinding): string =>
  JSON.stringify({ check, status, found, advice });

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { json: { type: 'boolean' }, help: { type: 'boolean' } } });
  if (values.help) return console.log(USAGE);
  // The code that is called logs what it meets; the findings below say it already.
  Logger.overrideLogger(false);
  const { config, findings } = lookAtConfiguration();
  const all: NamedFinding[] = findings.map((finding) => ({ check: 'configuration', ...finding }));
  if (config !== null) all.push(...(await examine(config)));
  for (const finding of all) console.log(values.json ? jsonOf(finding) : textOf(finding));
  const has = (status: NamedFinding['status']) => all.some((finding) => finding.status === status);
  // Whatever hangs is not waited for.
  process.exit(has('failed') ? 2 : has('warning') ? 1 : 0);
}

await runCommand(import.meta.url, main, { sentence: 'Nothing could be looked at', exitCode: 2 });
