import type { Upstream } from '../domain/revision.js';
import { storableText } from '../domain/storable-text.js';
import type { Kptfile } from './kptfile.js';

/** Reads the upstream of a package that was cloned by another tool. */
export function upstreamOf(kptfile: Kptfile | null): Upstream | null {
  if (!kptfile?.upstream) return null;
  const { repo, directory, ref } = kptfile.upstreamLock ?? kptfile.upstream;
  const commit = kptfile.upstreamLock?.commit ?? null;
  const clean = (value: string) => storableText(value).slice(0, 2048);
  return {
    url: clean(repo),
    directory: clean(directory).replace(/^\/+|\/+$/g, ''),
    ref: clean(ref),
    commit: commit === null ? null : clean(commit).slice(0, 64),
    tree: null,
  };
}
