import { PackDirectory } from '../packs/pack-directory.js';
import { pushOneByOne } from '../one-by-one.js';
import { GitError, type RefChange, type RemoteRefs } from '../port.js';
import { refusal } from '../smart-http/push-report.js';
import type { RemoteTransport } from '../remote-transport.js';
import { gitFailure } from './git-failure.js';
import type { GitCommand, GitOutcome } from './git-process.js';
import { adopt, anchor, assertSize, FETCH } from './native-fetch.js';
import { LACKS_ATOMIC, pushArguments } from './native-push.js';
import { readPushOutput } from './push-output.js';
import type { Route, Router, RunInScratch } from './route.js';
import { borrowing, type Scratch, type ScratchFolders } from './scratch.js';

export interface NativeTransportOptions {
  scratch: ScratchFolders;
  run: RunInScratch;
  maxPackBytes: number;
  /** Told when the mirror has one more pack. */
  onPack: () => void;
}

/**
 * Exchanges by native git. It works in a scratch repository that borrows the objects of the mirror: refs and settings
 * of the mirror do not matter, and what arrives gets there only when it is whole.
 */
export class NativeTransport implements RemoteTransport {
  constructor(
    private readonly router: Router,
    private readonly mirror: string,
    private readonly options: NativeTransportOptions,
  ) {}

  listRefs(signal: AbortSignal): Promise<RemoteRefs> {
    return this.router.listRefs(signal);
  }

  async fetch(wants: readonly string[], haves: readonly string[], signal: AbortSignal): Promise<void> {
    try {
      await this.#fetch(wants, haves, signal);
    } catch (error) {
      if (haves.length === 0 || !(error instanceof GitError) || error.code !== 'protocol') throw error;
      // The fault may be the mirror's, which has lost what was said to be there. The remote's is met again.
      await this.#fetch(wants, [], signal);
    }
  }

  #fetch(wants: readonly string[], haves: readonly string[], signal: AbortSignal): Promise<void> {
    const { scratch: folders, maxPackBytes } = this.options;
    return folders.use(async (scratch) => {
      const route = await this.router.route(scratch, signal);
      await anchor(scratch, haves);
      const input = `${wants.join('\n')}\n`;
      const watch = () => assertSize(scratch, maxPackBytes);
      const outcome = await this.#run(scratch, route, { args: [...FETCH, route.url], input, signal, watch });
      if (!outcome.ok) throw gitFailure(outcome.stderr, route);
      await watch();
      await this.#adopt(scratch);
    });
  }

  push(changes: readonly RefChange[], pack: () => Promise<Buffer>, signal: AbortSignal): Promise<{ kept: boolean }> {
    return this.options.scratch.use(async (scratch) => {
      const route = await this.router.route(scratch, signal);
      if (changes.some(({ next }) => next !== null)) {
        const bytes = await pack();
        await new PackDirectory(scratch.folder).receive([bytes], bytes.length);
      }
      const lacksAtomic = await this.#push(scratch, route, changes, signal, { atomic: changes.length > 1 });
      if (lacksAtomic) {
        // Nothing is pushed before all of it was compared.
        await this.#push(scratch, route, changes, signal, { dryRun: true });
        await pushOneByOne(changes, async (change) => void (await this.#push(scratch, route, [change], signal, {})));
      }
      // The remote has it all by now: what the mirror fails to keep is fetched again.
      const kept = await this.#adopt(scratch).then(
        () => true,
        () => false,
      );
      return { kept };
    });
  }

  /** True when nothing was done, because the remote cannot do it as one. */
  async #push(
    scratch: Scratch,
    route: Route,
    changes: readonly RefChange[],
    signal: AbortSignal,
    { atomic = false, dryRun = false },
  ): Promise<boolean> {
    const args = pushArguments(changes, route.url, atomic, dryRun);
    const { ok, stdout, stderr } = await this.#run(scratch, route, { args, signal, maxOutputBytes: MAX_PUSH_OUTPUT });
    const report = readPushOutput(stdout, stderr);
    if (report === null && atomic && LACKS_ATOMIC.test(stderr)) return true;
    const error = report === null ? null : refusal(changes, report);
    if (error) throw error;
    if (!ok) throw gitFailure(stderr, route);
    return false;
  }

  async #adopt(scratch: Scratch): Promise<void> {
    await adopt(scratch.objects, this.mirror);
    this.options.onPack();
  }

  #run(scratch: Scratch, route: Route, command: Omit<GitCommand, 'env' | 'cwd'>): Promise<GitOutcome> {
    const env = { ...route.env, ...borrowing(this.mirror) };
    return this.options.run(scratch, { ...route, env }, command);
  }
}

const MAX_PUSH_OUTPUT = 16 * 1024 * 1024;
