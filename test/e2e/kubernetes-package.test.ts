import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config/config.js';
import { VARIABLES } from '../../src/config/variables.js';
import { readManifests } from '../support/delivery-crds.js';
import { UpgradeWorld } from '../support/upgrade-world.js';

const ROOT = resolve(import.meta.dirname, '../..');
const FOLDER = join(ROOT, 'examples/kubernetes');
const FILES = Object.fromEntries(
  readdirSync(FOLDER).map((name) => [name, readFileSync(join(FOLDER, name), 'utf8')] as const),
);
const TYPES = join(import.meta.dirname, '../fixtures/kubernetes-types');
const hasGo = spawnSync('go', ['version']).status === 0;

// oxlint-disable-next-line typescript/no-explicit-any -- tests look into manifests of every shape
type Manifest = Record<string, any>;
interface Container {
  name: string;
  command?: string[];
  env: { name: string; value?: string; valueFrom?: { secretKeyRef: { name: string; key: string } } }[];
  securityContext: object;
  volumeMounts: { name: string; mountPath: string }[];
  startupProbe?: object;
  livenessProbe?: object;
  readinessProbe?: object;
}

const manifests: Manifest[] = Object.keys(FILES)
  .filter((name) => name.endsWith('.yaml'))
  .flatMap((name) => readManifests(FILES[name] ?? ''));
const deployments = manifests.filter(({ kind }) => kind === 'Deployment');
const podsOf = ({ spec }: Manifest) => spec.template.spec as { containers: Container[]; initContainers?: Container[] };
const containersOf = (deployment: Manifest) => [
  ...podsOf(deployment).containers,
  ...(podsOf(deployment).initContainers ?? []),
];
const SHARED = manifests.find(({ kind }) => kind === 'ConfigMap')?.data as Record<string, string>;

describe('the package that deploys pkgserver on Kubernetes', () => {
  it.skipIf(!hasGo)(
    'is decoded strictly by the types of Kubernetes',
    () => {
      const input = Object.keys(FILES)
        .filter((name) => name.endsWith('.yaml'))
        .map((name) => FILES[name])
        .join('\n---\n');
      const decode = (text: string) =>
        spawnSync('go', ['run', '.'], { cwd: TYPES, input: text, encoding: 'utf8', timeout: 550_000 });
      // Says what it fetches, where nothing has fetched it before.
      spawnSync('go', ['mod', 'download'], { cwd: TYPES, timeout: 300_000 });
      const read = decode(input);
      expect([read.status, read.stderr]).toEqual([0, '']);
      const named = manifests.map(({ apiVersion, kind, metadata }) => `${apiVersion} ${kind} ${metadata.name}`);
      expect(read.stdout.trim().split('\n').sort()).toEqual(named.sort());
      expect(decode(input.replace('readOnlyRootFilesystem:', 'readOnlyRoot:')).stderr).toContain('unknown field');
    },
    600_000,
  );

  it('gives each process a configuration that it starts with, and names its secrets', () => {
    const secrets = new Set<string>();
    for (const deployment of deployments) {
      for (const { env, command, name } of containersOf(deployment)) {
        const given = env.map(({ name: variable, value, valueFrom }) => {
          if (valueFrom) secrets.add(`${valueFrom.secretKeyRef.name}/${valueFrom.secretKeyRef.key}`);
          return [variable, value ?? SECRETS[valueFrom?.secretKeyRef.key ?? '']] as const;
        });
        const variables = { ...SHARED, ...Object.fromEntries(given) };
        expect(Object.keys(variables).filter((variable) => !Object.hasOwn(VARIABLES, variable))).toEqual([]);
        const { port, role, databaseOwnerUrl } = readConfig(variables);
        expect([port, databaseOwnerUrl !== undefined], name).toEqual([8080, command !== undefined]);
        if (command) expect(existsSync(join(ROOT, command[1] ?? '')), command.join(' ')).toBe(true);
        else expect(role).toBe(name);
      }
    }
    const told = [...(FILES['README.md'] ?? '').matchAll(/--from-literal=(\w+)=/g)].map(
      ([, key]) => `pkgserver/${key}`,
    );
    expect([...secrets].sort()).toEqual(told.sort());
  });

  it('runs without root, capabilities and a writable image, and is asked whether it is well', () => {
    expect(deployments.map(({ metadata }) => metadata.name)).toEqual(['pkgserver-api', 'pkgserver-worker']);
    for (const deployment of deployments) {
      const pod = podsOf(deployment);
      expect(pod).toMatchObject({ automountServiceAccountToken: false, securityContext: { runAsNonRoot: true } });
      for (const container of containersOf(deployment)) {
        expect(container.securityContext).toEqual({
          ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
        });
        expect(container.volumeMounts.map(({ mountPath }) => mountPath)).toEqual([SHARED.DATA_DIR, '/tmp']);
      }
      for (const { startupProbe, livenessProbe, readinessProbe } of pod.containers) {
        expect(startupProbe).toMatchObject({ httpGet: { path: '/health/live' } });
        expect(livenessProbe).toMatchObject({ httpGet: { path: '/health/live' } });
        expect(readinessProbe).toMatchObject({ httpGet: { path: '/health/ready' } });
      }
    }
  });
});

const SECRETS: Record<string, string> = {
  databaseUrl: 'postgresql://pkgserver:secret@postgres:5432/pkgserver',
  databaseOwnerUrl: 'postgresql://owner:secret@postgres:5432/pkgserver',
  redisUrl: 'redis://redis:6379',
  credentialsKey: Buffer.alloc(32, 7).toString('base64'),
};

describe('pkgserver, delivered by pkgserver', () => {
  let world: UpgradeWorld;
  beforeAll(async () => {
    world = await UpgradeWorld.start();
  }, 120_000);
  afterAll(() => world?.stop());

  it('is a package of a catalog, whose next image comes to its deployment by an upgrade', async () => {
    const first = await world.blueprint('pkgserver', FILES);
    const own = {
      'configuration.yaml': FILES['configuration.yaml']?.replace('pkgserver.example.com', 'edge.test') ?? '',
    };
    const deployed = await world.deployment(first, 'pkgserver', own);
    const newer = (name: string) => FILES[name]?.replaceAll('pkgserver:1.0.0', 'pkgserver:1.1.0') ?? '';
    await world.blueprint('pkgserver', { 'api.yaml': newer('api.yaml'), 'worker.yaml': newer('worker.yaml') }, first);
    const preview = await world.preview(deployed);
    expect(preview).toMatchObject({ conflicts: [], summary: { taken: 4, conflicts: 0 } });
    const { body: draft } = await world.root.expect(
      ...([201, 'POST', `/upgrade-previews/${preview.id}/apply`, { workspace: 'newer' }, { 'If-Match': '*' }] as const),
    );
    await world.root.propose(draft.id as string);
    await world.approve(draft.id as string);
    const { body } = await world.root.expect(200, 'GET', `/package-revisions/${draft.id}/resources`);
    const contentOf = (name: string) => body.files[name].content as string;
    expect([contentOf('api.yaml'), contentOf('worker.yaml')]).toEqual([newer('api.yaml'), newer('worker.yaml')]);
    expect(contentOf('configuration.yaml')).toBe(own['configuration.yaml']);
    const { packageId } = await world.root.revision(deployed);
    const delivered = await world.root.call('GET', `/packages/${packageId}/delivery-manifests?tool=flux`);
    expect([delivered.status, delivered.text]).toEqual([200, expect.stringContaining('edge-1/pkgserver/v2')]);
  }, 120_000);
});
