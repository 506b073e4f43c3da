import type { ApiClient, Page } from '../api-client.js';
import type { SampleCatalog } from '../sample-catalog.js';
import type { Stage } from '../stage.js';
import { terminal } from '../terminal.js';
import { until } from '../until.js';
import { type Environment, ENVIRONMENTS, TARGET_COUNT, targetsOf } from './environments.js';

interface Revision {
  id: string;
  name: string;
  repositoryId: string;
  tag: string | null;
  etag: string;
}
export interface VariantSet {
  id: string;
  counts: Record<string, number>;
}

export async function makeTargets(api: ApiClient): Promise<void> {
  for (const environment of ENVIRONMENTS) {
    const targets = targetsOf(environment);
    for (const [at, name] of targets.entries()) {
      const body = { name, labels: { environment, region: at % 2 === 0 ? 'north' : 'south' } };
      if (at > 0) await api.quietly('POST', '/targets', { body, expect: 201 });
      else await api.send('POST', '/targets', { body, expect: 201 });
    }
    terminal.answer(201, `${targets.length} of ${environment}`);
  }
}

export async function makeSets(
  { api, signal }: Stage,
  repositories: Record<Environment, string>,
): Promise<VariantSet[]> {
  const { items: found } = await api.peek<Page<{ id: string; path: string }>>('/packages?repository=blueprints');
  const web = found.find(({ path }) => path === 'apps/web');
  const sets: VariantSet[] = [];
  for (const environment of ENVIRONMENTS) {
    const body = {
      name: `web-${environment}`,
      targets: { labelSelector: `environment=${environment}` },
      upstream: { packageId: web?.id },
      downstream: { repositoryId: repositories[environment], package: 'web' },
      mutations: [
        {
          objects: { kind: 'Deployment', name: 'web' },
          path: 'metadata.labels.region',
          value: '${target.labels.region}',
        },
      ],
      updatePolicy: 'propose',
    };
    const made = await api.send<VariantSet>('POST', '/variant-sets', { as: 'alice', body, expect: 201 });
    terminal.answer(made.status, body.name);
    sets.push(made.body);
  }
  for (const { id } of sets) {
    await until(signal, async () => {
      const { counts } = await api.peek<VariantSet>(`/variant-sets/${id}`);
      return (counts.drafted ?? 0) > 0 && !counts.pending;
    });
  }
  return sets;
}

/** Bob approves all that is proposed, at once. */
export async function publishProposals(api: ApiClient): Promise<void> {
  const list = await api.send<Page<Revision>>('GET', `/package-revisions?lifecycle=proposed&pageSize=${TARGET_COUNT}`, {
    as: 'bob',
  });
  terminal.answer(list.status, `${list.body.items.length} proposals, made by the sets`);
  const items = list.body.items.map(({ id, etag }) => ({ id, etag }));
  const body = { action: 'approve', items, parameters: { comment: 'The first rollout.' } };
  const { status, body: done } = await api.send<Page<{ status: string }>>('POST', '/package-revisions/bulk', {
    as: 'bob',
    wait: true,
    body,
  });
  const published = done.items.filter((item) => item.status === 'succeeded').length;
  terminal.answer(status, `${published} of ${done.items.length} are published`);
}

export async function editByHand(api: ApiClient, target: string): Promise<void> {
  const { items } = await api.peek<Page<Revision>>(`/package-revisions?target=${target}&latest=true`);
  const [source] = items;
  if (!source) throw new Error(`Nothing is published for ${target}.`);
  const draft = await api.send<Revision>('POST', '/package-revisions', {
    as: 'alice',
    body: {
      repositoryId: source.repositoryId,
      workspace: 'own-image',
      source: { type: 'copy', revisionId: source.id },
    },
    expect: 201,
  });
  terminal.answer(draft.status, draft.body.name);
  const { body: was, etag } = await api.quietly<{ files: Record<string, { content: string }> }>(
    'GET',
    `/package-revisions/${draft.body.id}/resources`,
    {},
  );
  const content = was.files['deployment.yaml']?.content.replace('nginx:1.27', 'nginx:1.28');
  const path = `/package-revisions/${draft.body.id}`;
  const body = { files: { 'deployment.yaml': { content } } };
  await api.send('PATCH', `${path}/resources`, { as: 'alice', ifMatch: etag, body, expect: 200 });
  const proposed = await api.send<Revision>('POST', `${path}/propose`, { as: 'alice', expect: 200 });
  const published = await api.send<{ revision: string }>('POST', `${path}/approve`, {
    ...{ as: 'bob', ifMatch: proposed.etag, wait: true, expect: 200 },
  });
  terminal.answer(published.status, `published as ${published.body.revision}, with nginx:1.28`);
}

/** Gives the id of the new version. */
export async function release(
  { api, catalog, signal }: Stage & { catalog: SampleCatalog },
  sets: readonly VariantSet[],
): Promise<string> {
  for (const { id } of sets) {
    const body = { updatePolicy: 'none' };
    await api.send('PATCH', `/variant-sets/${id}`, { as: 'alice', ifMatch: '*', body, expect: 200 });
  }
  terminal.answer(200, 'from now on the sets only say what is behind: campaigns bring it');
  await catalog.writeSecondWeb();
  const { items: repositories } = await api.peek<Page<{ id: string }>>('/repositories?name=blueprints');
  const synced = await api.send('POST', `/repositories/${repositories[0]?.id}/sync`, { wait: true, expect: 200 });
  terminal.answer(synced.status, 'synced');
  const { items } = await api.peek<Page<Revision & { tag: string }>>('/package-revisions?repository=blueprints');
  const second = items.find(({ tag }) => tag === 'apps/web/v2')?.id;
  if (second === undefined) throw new Error('The list lacks apps/web/v2.');
  await until(signal, async () => {
    const { items: outdated } = await api.peek<Page<unknown>>(`/variants?state=outdated&pageSize=${TARGET_COUNT}`);
    return outdated.length === TARGET_COUNT;
  });
  return second;
}
