import { randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';

/** isomorphic-git writes in place: cut short, that leaves a broken object which is never written again. */
export const atomicFs = {
  promises: {
    ...fs,
    async writeFile(path: string, data: Uint8Array | string): Promise<void> {
      const temporary = `${path}.${randomUUID()}.tmp`;
      await fs.writeFile(temporary, data);
      await fs.rename(temporary, path);
    },
  },
};

/** Whether there is something at the path. */
export const isThere = (path: string): Promise<boolean> =>
  fs.access(path).then(
    () => true,
    () => false,
  );
