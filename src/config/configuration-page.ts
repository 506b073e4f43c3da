import type { Variable } from './variable.js';
import { SECTIONS } from './variables.js';

const HOLDS = { everywhere: '`api`, `worker`', api: '`api`', worker: '`worker`' } as const;

const HEAD = `# Configuration

By environment variables alone, read once at the start. An empty variable counts as unset. Mistakes are reported together, each with the
variable's name and what it takes; a start with mistakes ends with status 1. Each variable is heeded by processes of the roles
named; \`ROLE=all\` is both.

This page is made from \`src/config/variables.ts\` by \`npm run docs\`. \`PATH\`, \`NODE_EXTRA_CA_CERTS\` and what else Node reads hold as
everywhere.
`;

/** docs/configuration.md, before its tables are set straight. */
export function configurationPage(): string {
  const sections = SECTIONS.map(({ title, variables }) => {
    const rows = Object.entries(variables).map(([name, variable]) => row(name, variable));
    return `## ${title}\n\n| variable | default | takes | heeded by | |\n| --- | --- | --- | --- | --- |\n${rows.join('\n')}\n`;
  });
  return [HEAD, ...sections].join('\n');
}

function row(name: string, { reads, meaning, holds }: Variable<unknown>): string {
  const fallback = reads.fallback === null ? '' : `\`${reads.fallback}\``;
  return `| \`${name}\` | ${fallback} | ${reads.form} | ${HOLDS[holds]} | ${meaning} |`;
}
