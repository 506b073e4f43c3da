import { FastImport } from './fast-import.js';
import { kptfile } from './kptfile.js';
import { Random } from './random.js';

export interface LargeShape {
  seed: number;
  packages: number;
  /** Files of each package, one of them its Kptfile. */
  files: number;
  /** Published versions of each package: one commit a version for all of them. */
  tags: number;
  /** Drafts of each package, each with one file changed. */
  drafts: number;
}

/** Packages of one folder, so that trees are as wide as people make them. */
const PACKAGES_PER_AREA = 100;
/** Files of one folder of a package. */
const FILES_PER_FOLDER = 500;
/** From one version to the next, one file in so many is written anew. */
const CHANGED_IN = 100;

export const largePackage = (index: number): string =>
  `area-${Math.floor(index / PACKAGES_PER_AREA)}/app-${String(index).padStart(5, '0')}`;

export const largeFile = (index: number): string => `part-${Math.floor(index / FILES_PER_FOLDER)}/config-${index}.yaml`;

/** What `git fast-import` makes a repository of that is large in one way: many packages, files, versions or drafts. */
export function largeStream({ seed, packages, files, tags, drafts }: LargeShape): string {
  const random = new Random(seed);
  const stream = new FastImport();
  const folders = Array.from({ length: packages }, (_, index) => largePackage(index));
  let tip = '';
  for (let version = 1; version <= tags; version += 1) {
    const step = version === 1 ? 1 : CHANGED_IN;
    const written = new Map<string, string>();
    for (const folder of folders) {
      if (version === 1) written.set(`${folder}/Kptfile`, kptfile(folder.slice(folder.indexOf('/') + 1)));
      for (let index = version === 1 ? 1 : 1 + (version % Math.min(CHANGED_IN, files - 1)); index < files; index += step) {
        written.set(`${folder}/${largeFile(index)}`, largeManifest(index, random));
      }
    }
    tip = stream.commit('refs/heads/main', `Release v${version}`, written);
    for (const folder of folders) stream.tag(`${folder}/v${version}`, tip);
  }
  for (const folder of folders) {
    for (let draft = 0; draft < drafts; draft += 1) {
      const changed = new Map([[`${folder}/${largeFile(1)}`, largeManifest(1, random)]]);
      stream.commit(`refs/heads/drafts/${folder}/draft-${draft}`, `Draft ${folder}`, changed, tip);
    }
  }
  return stream.finish();
}

export const largeManifest = (index: number, random: Random): string =>
  [
    'apiVersion: v1\nkind: ConfigMap',
    `metadata:\n  name: config-${index}\n  labels:\n    part: part-${index % 50}`,
    `data:\n  one: "${random.word(24)}"\n  two: "${random.word(24)}"\n`,
  ].join('\n');
