import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { GitServer } from '../../test/support/git-server.js';
import type { GitHostCall, GitHostCounts } from './git-host.js';

/** The Git server in a process of its own: its work must not sit in a process that is measured. */
const server = await GitServer.start();
let counts: GitHostCounts = { requests: 0, pushes: 0 };

async function answer(call: GitHostCall): Promise<unknown> {
  switch (call.type) {
    case 'create':
      return server.createRepository(call.name, { empty: true });
    case 'alias':
      await symlink(join(server.root, `${call.of}.git`), join(server.root, `${call.name}.git`));
      return { url: server.url(call.name), path: join(server.root, `${call.name}.git`) };
    case 'hang':
      return server.hang(call.name);
    case 'unhang':
      return server.unhang(call.name);
    case 'count':
      counts = { requests: 0, pushes: 0 };
      return server.onRequest(call.on ? count : null);
    case 'counts':
      return counts;
  }
}

function count({ phase, service }: { phase: string; service: string | null }): void {
  if (phase !== 'before') return;
  counts.requests += 1;
  if (service === 'git-receive-pack') counts.pushes += 1;
}

process.on('message', ({ id, call }: { id: number; call: GitHostCall }) => {
  answer(call).then(
    (result) => process.send?.({ id, result }),
    (error: unknown) => process.send?.({ id, error: String(error) }),
  );
});
// Whoever started this has ended, in whatever way. Ctrl-C reaches it first, and says so by disconnecting.
process.on('disconnect', () => process.exit());
process.on('SIGINT', () => undefined);
process.send?.({ id: 0 });
