import type { BulkWorld } from './bulk.js';
import { GitFixture } from './git-fixture.js';
import { configMap } from './steps.js';

const declaration = (name: string) =>
  `apiVersion: pkgserver.dev/v1alpha1\nkind: PackageDependency\nmetadata:\n  name: needs\n  annotations:\n    config.kubernetes.io/local-config: "true"\nspec:\n  package: ${name}\n`;

export interface NeedingFleet {
  id: string;
  fixture: GitFixture;
}

let count = 0;

/** A deployment repository whose packages, given by their paths, each declare that they need one of the given name. */
export async function makeNeedingFleet(
  { git, root }: Pick<BulkWorld, 'git' | 'root'>,
  needs: Record<string, string>,
): Promise<NeedingFleet> {
  count += 1;
  const { url, path } = await git.createRepository(`needing-${count}`);
  const fixture = GitFixture.create(path);
  const files = Object.entries(needs).flatMap(([folder, needed]): [string, string][] => [
    [`${folder}/Kptfile`, `apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: ${folder.split('/')[1]}\n`],
    [`${folder}/config.yaml`, configMap('own', 'first')],
    [`${folder}/needs.yaml`, declaration(needed)],
  ]);
  const commit = await fixture.commit({ files: Object.fromEntries(files) });
  await fixture.tagMany(
    Object.keys(needs).map((folder) => `${folder}/v1`),
    commit,
  );
  return { id: await root.register({ name: `needing-${count}`, url, deployment: true }), fixture };
}
