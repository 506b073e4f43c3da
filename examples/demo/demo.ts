import { SampleCatalog } from './sample-catalog.js';
import { demonstrate } from './stage.js';
import { terminal } from './terminal.js';
import { walk } from './walk.js';

await demonstrate('pkgserver demo: from a blueprint to a published deployment', async ({ api, git, signal }) => {
  const blueprints = await git.createRepository('blueprints', { empty: true });
  const catalog = new SampleCatalog(blueprints.path);
  await catalog.writeFirst();
  await catalog.writeSecondWeb();
  const fleet = await git.createRepository('fleet', { empty: true });
  terminal.table([
    ['Catalog', blueprints.url, 'three small packages'],
    ['Deployments', fleet.url, 'empty'],
  ]);
  await walk({ api, signal, catalogUrl: blueprints.url, fleet });
  return [['Git', `git clone ${fleet.url}`]];
});
