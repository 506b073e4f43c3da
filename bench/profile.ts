import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

interface Profile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[];
  samples: number[];
  /** Microseconds before each sample. */
  timeDeltas: number[];
}

const SHOWN = 25;
/** Not work: the process waits. */
const WAITING = new Set(['(idle)', '(root)', '(program)']);

/** The functions that a V8 CPU profile was in the most, by their own time. */
export function summarizeProfile(profile: Profile): string {
  const names = new Map(profile.nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const times = new Map<string, number>();
  profile.samples.forEach((id, index) => {
    const name = names.get(id) ?? '?';
    times.set(name, (times.get(name) ?? 0) + (profile.timeDeltas[index] ?? 0) / 1000);
  });
  const total = [...times.values()].reduce((sum, time) => sum + time, 0);
  const working = [...times].filter(([name]) => !WAITING.has(name)).sort(([, a], [, b]) => b - a);
  const busy = working.reduce((sum, [, time]) => sum + time, 0);
  const lines = working
    .slice(0, SHOWN)
    .map(
      ([name, time]) => `${time.toFixed(0).padStart(8)} ms ${((time / busy) * 100).toFixed(1).padStart(5)} %  ${name}`,
    );
  return [`busy ${busy.toFixed(0)} ms of ${total.toFixed(0)} ms`, ...lines].join('\n');
}

function nameOf({ functionName, url, lineNumber }: Profile['nodes'][number]['callFrame']): string {
  if (url === '') return functionName;
  const place = url.replace(/^.*\/(?:dist|node_modules)\//, '').replace(/^file:\/\//, '');
  return `${functionName || '(anonymous)'}  ${place}:${lineNumber + 1}`;
}

/** All profiles of a folder. */
export async function summarizeProfiles(folder: string): Promise<string> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.cpuprofile')).sort();
  const parts = await Promise.all(
    files.map(async (file) => {
      const profile = JSON.parse(await readFile(join(folder, file), 'utf8')) as Profile;
      return `\n${file}: ${summarizeProfile(profile)}`;
    }),
  );
  return parts.join('\n');
}
