import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { messageOf } from '../../domain/message-of.js';
import { type Check, type Finding, failed, ok, warning } from './check.js';

const GIB = 1024 ** 3;
const LEAST_BYTES = GIB;
const LEAST_SHARE = 0.05;

/** The folder itself, or what is nearest above it while it has not been made. */
async function nearest(folder: string): Promise<string> {
  try {
    await stat(folder);
    return folder;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(folder) === folder) throw error;
    return nearest(dirname(folder));
  }
}

async function room(folder: string): Promise<Finding> {
  const { bavail, blocks, bsize, ffree, files } = await statfs(folder);
  const bytes = bavail * bsize;
  const [space, inodes] = [blocks > 0 ? bavail / blocks : 1, files > 0 ? ffree / files : 1];
  const found = `${(bytes / GIB).toFixed(1)} GiB (${percent(space)}) are free, and ${percent(inodes)} of the inodes.`;
  if (bytes >= LEAST_BYTES && space >= LEAST_SHARE && inodes >= LEAST_SHARE) return ok(found);
  return warning(found, 'Make room, or move DATA_DIR to a larger disk.');
}

const percent = (share: number): string => `${Math.floor(share * 100)} %`;

export const dataFolder: Check = {
  name: 'data folder',
  needs: 'nothing',
  look: async ({ config: { dataDir } }) => {
    try {
      const place = await nearest(dataDir);
      if (!(await stat(place)).isDirectory()) throw new Error(`${place} is no folder`);
      await access(place, constants.W_OK | constants.X_OK);
      const found = place === dataDir ? `${dataDir} can be written.` : `${dataDir} is not there yet; it can be made.`;
      return [ok(found), await room(place)];
    } catch (error) {
      const advice = 'Give the user of the service a folder that it may write, and name it in DATA_DIR.';
      return [failed(`${dataDir} cannot be written: ${messageOf(error)}.`, advice)];
    }
  },
};
