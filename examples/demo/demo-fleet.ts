import { fleetWalk } from './fleet/walk.js';
import { SampleCatalog } from './sample-catalog.js';
import { demonstrate } from './stage.js';
import { terminal } from './terminal.js';

await demonstrate('pkgserver demo: a new version for fifty targets', async (stage) => {
  const blueprints = await stage.git.createRepository('blueprints', { empty: true });
  const catalog = new SampleCatalog(blueprints.path);
  await catalog.writeFirst();
  const environments = {
    development: await stage.git.createRepository('development', { empty: true }),
    staging: await stage.git.createRepository('staging', { empty: true }),
    production: await stage.git.createRepository('production', { empty: true }),
  };
  terminal.table([
    ['Catalog', blueprints.url, 'three small packages'],
    ...Object.entries(environments).map(([name, { url }]) => [name, url, 'empty']),
  ]);
  await fleetWalk({ ...stage, catalog, catalogUrl: blueprints.url, environments });
  return [
    ['The fleet', `${stage.url}/fleet`],
    ['Git', `git clone ${environments.production.url}`],
  ];
});
