import { afterAll, beforeAll, expect, it } from 'vitest';
import { uuidv7 } from '../../src/domain/uuid.js';
import { Random } from '../support/random.js';
import { type Body, VariantWorld, WEB } from '../support/variant-world.js';

/** Of how many sequences, and how long each is: VARIANT_SEQUENCES=50 VARIANT_SEED=7 for more, or others. */
const SEQUENCES = Number(process.env.VARIANT_SEQUENCES ?? 3);
const SEED = Number(process.env.VARIANT_SEED ?? 4711);
const STEPS = 8;

let world: VariantWorld;
beforeAll(async () => {
  world = await VariantWorld.start();
}, 120_000);
afterAll(() => world?.stop());

const ANY = { 'If-Match': '*' };
const SITES = ['lyon', 'oslo', 'rome'];
const MUTATIONS = [
  [],
  [{ objects: { kind: 'Deployment' }, path: 'metadata.labels.site', value: '${target.labels.site}' }],
  [
    { objects: { kind: 'Deployment' }, path: 'metadata.labels.site', value: '${target.labels.site}' },
    { objects: { name: 'web' }, path: 'spec.replicas', value: 7 },
  ],
];

/** A blueprint, a target and a set with one member. */
class Fleet {
  mutations: object[] = MUTATIONS[1] ?? [];
  private version = 1;
  private revisionId = '';
  private setId = '';
  private targetId = '';

  private constructor(
    readonly packageId: string,
    readonly target: string,
  ) {}

  static async start(): Promise<Fleet> {
    const blueprint = await world.blueprint(`b-${uuidv7().slice(-8)}`);
    const fleet = new Fleet(blueprint.packageId, `t-${uuidv7().slice(-8)}`);
    fleet.revisionId = blueprint.revisionId;
    const labels = { site: 'lyon', [fleet.target]: 'in' };
    fleet.targetId = (await world.root.expect(201, 'POST', '/targets', { name: fleet.target, labels })).body
      .id as string;
    fleet.setId = await fleet.set('web');
    return fleet;
  }

  async set(realm: string): Promise<string> {
    const { body } = await world.root.expect(201, 'POST', '/variant-sets', {
      ...{ name: `s-${uuidv7().slice(-8)}`, upstream: { packageId: this.packageId }, mutations: this.mutations },
      targets: { labelSelector: this.target },
      downstream: { repositoryId: world.world.fleet, realm, package: 'web' },
    });
    await world.quiet();
    return body.id as string;
  }

  async member(setId = this.setId): Promise<Body | null> {
    const { body } = await world.root.expect(200, 'GET', `/variants?variantSetId=${setId}`);
    return (body.items[0] as Body | undefined) ?? null;
  }

  async label(labels: Record<string, string | null>): Promise<void> {
    await world.root.expect(200, 'PATCH', `/targets/${this.targetId}`, { labels }, ANY);
  }

  async mutate(mutations: object[]): Promise<void> {
    this.mutations = mutations;
    await world.root.expect(200, 'PATCH', `/variant-sets/${this.setId}`, { mutations }, ANY);
  }

  async publishBlueprint(): Promise<void> {
    this.version += 1;
    const text = WEB.replace('web:1', `web:${this.version}`).replace('replicas: 1', `replicas: ${this.version % 3}`);
    const { package: name } = await world.root.revision(this.revisionId);
    this.revisionId = await world.world.blueprint(name as string, { 'web.yaml': text }, this.revisionId);
  }

  async publishDraft(): Promise<void> {
    await world.quiet();
    const member = await this.member();
    if (member?.state === 'drafted') await world.publish(member.draftId as string);
  }
}

const content = async (revisionId: string): Promise<string> => {
  const { body } = await world.root.expect(200, 'GET', `/package-revisions/${revisionId}/resources`);
  const files = Object.entries(body.files as Record<string, { content: string }>);
  return files.map(([path, file]) => `${path}\n${file.content}`).join('\n');
};

it.each(Array.from({ length: SEQUENCES }, (_, index) => SEED + index))(
  'whatever happened before, in whatever order, ends in what is made of the same at once (seed %i)',
  async (seed) => {
    const random = new Random(seed);
    const fleet = await Fleet.start();
    const steps: (() => Promise<void>)[] = [
      () => fleet.label({ site: random.pick(SITES) ?? 'lyon' }),
      () => fleet.label({ [fleet.target]: random.chance(0.5) ? 'in' : null }),
      () => fleet.mutate(random.pick(MUTATIONS) ?? []),
      () => fleet.publishBlueprint(),
      () => fleet.publishDraft(),
      () => fleet.publishDraft(),
      () => world.quiet(),
    ];
    for (let step = 0; step < STEPS; step += 1) await random.pick(steps)?.();
    await fleet.label({ [fleet.target]: 'in' });
    await fleet.publishDraft();
    const member = await fleet.member();
    expect(member).toMatchObject({ state: 'upToDate', conflictCount: 0 });
    const revisions = await world.revisions(member?.packageId as string);
    const published = revisions.filter(({ lifecycle }) => lifecycle === 'published');
    expect(revisions, 'no draft is left').toHaveLength(published.length);
    const number = ({ revision }: Body) => Number(String(revision).slice(1));
    const trees = published.toSorted((one, other) => number(one) - number(other)).map(({ tree }) => tree as string);
    expect(
      trees.filter((tree, at) => tree === trees[at - 1]),
      'each revision changes something',
    ).toEqual([]);

    const fresh = await fleet.member(await fleet.set(`fresh-${seed}`));
    const latest = published.find(({ latest: isLatest }) => isLatest);
    expect(await content(latest?.id as string)).toBe(await content(fresh?.draftId as string));
  },
  120_000,
);
