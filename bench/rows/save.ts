import type { Result } from '../report/result.js';
import { timed } from '../report/statistics.js';
import type { Api } from '../stage/api.js';
import { newPackage } from '../data/package-files.js';
import { Random } from '../data/random.js';
import type { Stage } from '../stage/stage.js';

const PER_ROUND = 40;
const LIMIT = { of: 'ours', comparison: '<=', value: 20 } as const;

/** Saving one file of a draft: with the remote up, and with a remote that takes requests and never answers. */
export async function save(stage: Stage): Promise<Result[]> {
  const catalog = await stage.catalog('save', { packages: 100, tags: 2 });
  const random = new Random(stage.options.seed);
  return stage.withPkgserver({ row: 'save' }, async ({ api }) => {
    const repositoryId = await api.register('save', catalog.url);
    const draft = await createDraft(api, repositoryId, random);
    const edit = () => {
      const files = { 'config.yaml': newPackage('example', random).get('config.yaml') as string };
      return timed(() => api.send('PATCH', `/package-revisions/${draft}/resources`, { files }, { 'if-match': '*' }));
    };
    const times = { up: [] as number[], hanging: [] as number[] };
    for (let warmUp = 0; warmUp < 20; warmUp += 1) await edit();
    for (let round = 0; round < stage.options.rounds; round += 1) {
      for (const state of ['up', 'hanging'] as const) {
        if (state === 'hanging') await stage.git.hang('save');
        for (let turn = 0; turn < PER_ROUND; turn += 1) times[state].push(await edit());
        await stage.git.unhang('save');
      }
    }
    const shared = { row: 'save', unit: 'ms' as const, native: [], limit: LIMIT, notes: [] };
    return [
      { ...shared, work: 'save a draft, remote up', ours: times.up },
      { ...shared, work: 'save a draft, remote hanging', ours: times.hanging },
    ];
  });
}

async function createDraft(api: Api, repositoryId: string, random: Random): Promise<string> {
  const source = { type: 'init' };
  const request = { repositoryId, package: 'example', workspace: 'first', source };
  const { body } = await api.send<{ id: string }>('POST', '/package-revisions', request);
  const files = Object.fromEntries(newPackage('example', random));
  await api.send('PUT', `/package-revisions/${body.id}/resources`, { files }, { 'if-match': '*' });
  return body.id;
}
