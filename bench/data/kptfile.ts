import { git } from '../../test/support/git-command.js';
import type { HostedRepository } from '../stage/git-host.js';

export const kptfile = (name: string, origin = ''): string =>
  `apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: ${name}\n${origin}`;

/** What the Kptfile of a package says that was made from the first version of this blueprint. */
export async function originOf({ path, url }: Pick<HostedRepository, 'path' | 'url'>, name: string): Promise<string> {
  const commit = (await git(['rev-parse', `${name}/v1^{commit}`], { gitDir: path })).toString().trim();
  const place = `    repo: ${url}\n    directory: /${name}\n    ref: ${name}/v1\n`;
  const lock = `upstreamLock:\n  type: git\n  git:\n${place}    commit: ${commit}\n`;
  return `upstream:\n  type: git\n  git:\n${place}  updateStrategy: resource-merge\n${lock}`;
}
