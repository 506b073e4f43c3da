import type { GitFixture } from './git-fixture.js';
import type { Steps } from './steps.js';

/** So many different deployments there are: a fleet's are mostly the same. */
const KINDS = 5;

const web = (replicas: number, image: string): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: ${replicas} # by hand\n  template:\n    spec:\n      containers:\n      - name: web\n        image: ${image}\n`;

/** Publishes a version of the blueprint `web`: its image. */
export async function publishWeb(
  steps: Steps,
  repositoryId: string,
  version: number,
  from?: string,
): Promise<{ id: string; commit: string }> {
  const source = from === undefined ? { type: 'init' } : { type: 'copy', revisionId: from };
  const body = { repositoryId, package: 'web', workspace: `w${version}`, source };
  const created = await steps.expect(201, 'POST', '/package-revisions', body);
  const id = created.body.id as string;
  await steps.edit(id, { 'web.yaml': web(1, `web:${version}`) });
  return { id, commit: (await steps.publish(id)).commit };
}

/**
 * Publishes packages in Git as they were cloned from the first version, and changed since; `conflicting` in a way
 * that each other version collides with.
 */
export async function deployWeb(
  to: GitFixture,
  folders: readonly string[],
  { repo, commit, conflicting }: { repo: string; commit: string; conflicting?: string | undefined },
): Promise<void> {
  const place = `repo: ${repo}, directory: web, ref: web/v1`;
  const files = folders.flatMap((name, index): [string, string][] => [
    [
      `${name}/Kptfile`,
      `apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: ${name}\nupstream:\n  type: git\n  git: {${place}}\n  updateStrategy: resource-merge\nupstreamLock:\n  type: git\n  git: {${place}, commit: ${commit}}\n`,
    ],
    [`${name}/web.yaml`, name === conflicting ? web(1, 'web:own') : web(2 + (index % KINDS), 'web:1')],
  ]);
  const merged = await to.commit({ files: Object.fromEntries(files) });
  await to.tagMany(
    folders.map((name) => `${name}/v1`),
    merged,
  );
}
