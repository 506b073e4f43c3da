import type { RemoteRefs } from '../port.js';
import type { GitCommand, GitOutcome } from './git-process.js';
import type { GitSetting } from './git-environment.js';
import type { Proxy } from '../../net/forward-proxy.js';
import type { Scratch } from './scratch.js';

/** What git has to be told to get to one remote. */
export interface Route {
  url: string;
  /** For messages. */
  host: string;
  /** Whether the remote is given a credential. */
  signedIn: boolean;
  /** What git goes through. */
  proxy?: Proxy | undefined;
  settings: readonly GitSetting[];
  env?: Record<string, string>;
}

/** Runs git in a scratch repository, on the way to a remote. */
export type RunInScratch = (
  scratch: Scratch,
  route: Route,
  command: Omit<GitCommand, 'env' | 'cwd'>,
) => Promise<GitOutcome>;

/** Finds the way to one remote: over HTTP or SSH. */
export interface Router {
  /** `scratch` takes files that are needed on the way. */
  route(scratch: Scratch, signal: AbortSignal): Promise<Route>;
  listRefs(signal: AbortSignal): Promise<RemoteRefs>;
}
