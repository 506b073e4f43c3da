import { git } from '../../test/support/git-command.js';
import { FastImport } from './fast-import.js';
import { changePackage, newPackage, type PackageFiles } from './package-files.js';
import { Random } from './random.js';

export interface CatalogShape {
  seed: number;
  packages: number;
  /** Published revisions of each package: annotated tags `F/v1`, `F/v2`…, each on a commit of its own. */
  tags: number;
  /** Branches `proposed/F/first` of as many packages that are not on the ref yet. */
  proposals?: number;
}

export interface Catalog {
  /** The commit of the ref. */
  head: string;
  revisions: number;
  /** The package folders of the proposals. */
  proposals: string[];
}

/** Packages of one folder, so that trees are as wide as people make them. */
const PACKAGES_PER_AREA = 25;

const folderOf = (kind: string, index: number): string =>
  `area-${String(Math.floor(index / PACKAGES_PER_AREA)).padStart(3, '0')}/${kind}-${String(index).padStart(5, '0')}`;

/** Fills an empty bare repository: the same shape gives the same commits. */
export async function writeCatalog(gitDir: string, shape: CatalogShape): Promise<Catalog> {
  const { input, proposals } = catalogStream(shape);
  await importInto(gitDir, input);
  const head = (await git(['rev-parse', 'refs/heads/main'], { gitDir })).toString().trim();
  return { head, revisions: shape.packages * shape.tags, proposals };
}

/** What `git fast-import` makes the catalog of. */
export function catalogStream({ seed, packages, tags, proposals = 0 }: CatalogShape) {
  const random = new Random(seed);
  const stream = new FastImport();
  let tip = stream.commit('refs/heads/main', 'Begin the catalog', new Map([['README.md', '# Catalog\n']]));
  const held = new Map<string, PackageFiles>();
  for (let version = 1; version <= tags; version += 1) {
    for (let index = 0; index < packages; index += 1) {
      const folder = folderOf('package', index);
      const name = folder.slice(folder.indexOf('/') + 1);
      const before = held.get(folder);
      const files = before ? changePackage(name, before, random) : newPackage(name, random);
      if (!before) held.set(folder, files);
      tip = stream.commit('refs/heads/main', `Release ${folder}/v${version}`, below(folder, files));
      stream.tag(`${folder}/v${version}`, tip);
    }
  }
  const proposed = Array.from({ length: proposals }, (_, index) => folderOf('proposal', index));
  for (const folder of proposed) {
    const files = newPackage(folder.slice(folder.indexOf('/') + 1), random);
    stream.commit(`refs/heads/proposed/${folder}/first`, `Propose ${folder}`, below(folder, files), tip);
  }
  return { input: stream.finish(), proposals: proposed };
}

/** Leaves the repository as a server keeps one in the long run; and nothing is tidied up while it is measured. */
export async function importInto(gitDir: string, input: string): Promise<void> {
  await git(['fast-import', '--quiet'], { gitDir, input });
  await git(['config', 'gc.auto', '0'], { gitDir });
  await git(['config', 'receive.autogc', 'false'], { gitDir });
  await git(['pack-refs', '--all'], { gitDir });
  await git(['repack', '-a', '-d', '-q'], { gitDir });
}

const below = (folder: string, files: PackageFiles): PackageFiles =>
  new Map([...files].map(([file, content]) => [`${folder}/${file}`, content]));
