import { createJavaScriptGit } from './javascript-git.js';
import { createNativeGit, type NativeGitOptions } from './native/native-git.js';
import { gitVersion, isRecentGit, OLDEST_GIT } from './native/git-version.js';
import type { GitPort } from './port.js';

export type GitTransport = 'auto' | 'native' | 'javascript';

/** Native git was asked for, and there is none, or none recent enough. */
export class GitMissingError extends Error {
  override readonly name = 'GitMissingError';
}

/** The Git port by the transport that is wished for, and what it came to, for the log. */
export async function createGit(
  options: NativeGitOptions & { transport: GitTransport },
): Promise<{ git: GitPort; description: string }> {
  if (options.transport === 'javascript') return { git: createJavaScriptGit(options), description: 'JavaScript alone' };
  const version = await gitVersion(options.searchPath);
  if (version !== null && isRecentGit(version)) {
    const exchanges = options.transport === 'native' ? 'native' : 'quickest';
    return { git: await createNativeGit({ ...options, exchanges }), description: `native git ${version}` };
  }
  const reason = version === null ? 'there is no git on the PATH' : `git ${version} is older than ${OLDEST_GIT}`;
  if (options.transport === 'native') {
    throw new GitMissingError(`GIT_TRANSPORT is native, but ${reason}.`);
  }
  return { git: createJavaScriptGit(options), description: `JavaScript alone, because ${reason}` };
}
