import { parseArgs, styleText } from 'node:util';
import { readClientSettings } from '../config/client-settings.js';
import { fullType, lineOf, type LinedEvent } from '../http/pages/events/event-line.js';
import { runCommand } from './command.js';
import { EventFollower } from './event-follower.js';

const USAGE = `npm run events -- [options]    follow a running service; ends with Ctrl-C

  --url <url>                 where it is; http://127.0.0.1:8080 if left out
  --after <sequence>          begin behind this event
  --type <type>[,<type>…]     only these, such as packageRevision.published
  --repository <id>           only what is in this repository
  --path <path>               only packages with this path
  --package-revision <id>     only this revision
  --actor <user>              only what this user did
  --json                      each event as a line of JSON

The token in PKGSERVER_TOKEN signs in. What is said of the connection goes to stderr. Exits with 1 where the service refuses.`;

const TEXT = { type: 'string' } as const;
const FILTERS = { after: TEXT, type: TEXT, repository: TEXT, path: TEXT, 'package-revision': TEXT, actor: TEXT };
const OPTIONS = {
  ...FILTERS,
  url: { type: 'string', default: 'http://127.0.0.1:8080' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

type Style = Parameters<typeof styleText>[0];
type Paint = (style: Style, text: string) => string;

const STYLES = { good: 'green', bad: 'red', quiet: 'dim', plain: 'cyan' } as const;

/** An event for people: when, what kind, what, who, what changed. Nothing in it steers a terminal. */
export function written(event: LinedEvent, paint: Paint = (_, text) => text): string {
  const { time, type, what, who, change, tone } = lineOf(event);
  const parts: [Style, string][] = [
    ['dim', time],
    [STYLES[tone], type.padEnd(32)],
    ['bold', what],
    ['dim', who && `by ${who}`],
    ['reset', change],
  ];
  return parts.flatMap(([style, text]) => (text === '' ? [] : [paint(style, harmless(text))])).join('  ');
}

/** Control characters, and those that turn the direction of text, could have a line say something else. */
const harmless = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\uFFFD');

function addressOf({ url, type, repository, ...rest }: Record<string, string | undefined>): URL {
  const address = new URL(`${url?.replace(/\/+$/, '')}/api/v1/events`);
  const asked = {
    ...{ after: rest.after, path: rest.path, actor: rest.actor, repositoryId: repository },
    packageRevisionId: rest['package-revision'],
    type: type?.split(',').map(fullType).join(','),
  };
  for (const [name, value] of Object.entries(asked)) if (value !== undefined) address.searchParams.set(name, value);
  return address;
}

async function main(): Promise<void> {
  const { json, help, ...filters } = parseArgs({ options: OPTIONS }).values;
  if (help) return console.log(USAGE);
  const address = addressOf(filters);
  const { token, coloured } = readClientSettings();
  const ending = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => ending.abort());
  // The program that this one is piped into has ended, as `head` does.
  process.stdout.on('error', () => ending.abort());
  const paint: Paint = (style, text) => (coloured && process.stdout.isTTY ? styleText(style, text) : text);
  const told = {
    event: (text: string) => console.log(json ? text : written(JSON.parse(text) as LinedEvent, paint)),
    connected: () => console.error(`Connected to ${address.origin}.`),
    disconnected: (why: string) => console.error(`Disconnected: ${why}. Trying again …`),
  };
  const headers: Record<string, string> = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  await new EventFollower(address, headers, told, ending.signal).follow();
}

await runCommand(import.meta.url, main, { sentence: 'Nothing is followed', exitCode: 1 });
