import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Body } from '../support/http-client.js';
import { configMap } from '../support/steps.js';
import { type Holdings, holdingsOf } from './holdings.js';
import { Installation } from './installation.js';
import { allKept, documented, outcomesOf } from './outcomes.js';
import { OwnServer, postgresPrograms, WITHOUT_PROGRAMS } from '../support/own-server.js';
import { People, PLACES, type Works } from './people.js';

const ANY = { 'If-Match': '*', Prefer: 'wait=30' };

describe.skipIf(postgresPrograms === null)(
  `pg_dump while people work, and pg_restore of what is older than Git (${WITHOUT_PROGRAMS})`,
  () => {
    let server: OwnServer;
    let restored: OwnServer;
    let installation: Installation;
    let people: People;
    const works: Works[] = [];
    const held: Holdings[] = [];
    let refs: Map<string, string>;
    /** Revisions from before the backup that something was done to after it. */
    const ids = {
      spent: '',
      doomed: '',
      edited: '',
      discarded: '',
      released: '',
      gone: '',
      newer: '',
      asked: '',
      overtaken: '',
    };
    let spent: string;

    const remember = async (made: Works): Promise<void> => {
      works.push(made);
      held.push(await holdingsOf(installation, made));
    };
    const one = async (path: string): Promise<Body> => {
      const { body } = await installation.admin.expect(200, 'GET', `/package-revisions?path=${path}`);
      const [found, ...others] = body.items as Body[];
      if (!found || others.length > 0) throw new Error(`There are ${others.length} others of ${path}`);
      return (await installation.admin.expect(200, 'GET', `/package-revisions/${found.id}`)).body as Body;
    };

    beforeAll(async () => {
      server = await OwnServer.start(await mkdtemp(join(tmpdir(), 'pkgserver-own-')));
      installation = await Installation.start(server);
      people = await People.settle(installation);
      await remember(await people.work('before'));
      await prepare();
      const [roles, dump] = await backUp();
      await goOn();
      await remember(await people.work('since'));
      refs = await people.fixture.refs();
      await installation.down();
      await server.down();
      await restore(roles, dump);
      await installation.up();
      people.comeBack();
      for (const place of PLACES) await people.sync(place);
    });
    afterAll(async () => {
      await installation?.remove();
      await Promise.all([server?.remove(), restored?.remove()]);
    });

    async function prepare(): Promise<void> {
      const { admin } = installation;
      for (const name of ['spent', 'doomed'] as const) [ids[name]] = await people.publish(name);
      for (const name of ['edited', 'discarded', 'released'] as const) {
        ids[name] = await people.draft(name);
        await admin.pushed(ids[name]);
      }
      // Their pushes wait when the backup is made.
      for (const name of ['gone', 'newer', 'asked', 'overtaken'] as const) ids[name] = await people.draft(name, 'held');
      await admin.propose(ids.asked);
      await admin.approve(ids.asked);
    }

    /** Somebody publishes all the while. */
    async function backUp(): Promise<[string, string]> {
      let isDumping = true;
      const publishing = (async () => {
        for (let count = 0; isDumping; count += 1) await people.publish(`meanwhile-${count}`);
      })();
      const folder = await server.room('dumps');
      const [roles, dump] = [join(folder, 'roles.sql'), join(folder, 'pkgserver.dump')];
      await writeFile(roles, await server.run('pg_dumpall', [...server.address, '--roles-only']));
      await server.run('pg_dump', ['--format=custom', `--file=${dump}`, server.superUrl]);
      isDumping = false;
      await publishing;
      return [roles, dump];
    }

    async function goOn(): Promise<void> {
      const { admin } = installation;
      await people.edit(ids.newer, 'newer');
      people.letGo();
      for (const id of [ids.gone, ids.newer]) await admin.pushed(id);
      await people.edit(ids.gone, 'gone on');
      await people.edit(ids.edited, 'since');
      for (const id of [ids.gone, ids.edited]) await admin.pushed(id);
      await people.edit(ids.overtaken, 'published');
      for (const id of [ids.released, ids.overtaken]) await people.release(id);
      spent = await people.deleted(ids.spent, 'second');
      await admin.expect(204, 'DELETE', `/package-revisions/${ids.discarded}`, undefined, ANY);
      await deleteDoomed();
    }

    async function deleteDoomed(): Promise<void> {
      const { admin } = installation;
      await admin.expect(200, 'POST', `/package-revisions/${ids.doomed}/propose-deletion`, { head: 'restore' });
      await admin.expect(204, 'DELETE', `/package-revisions/${ids.doomed}`, undefined, ANY);
    }

    /** As docs/operating.md has it, on a new server in place of the old one. */
    async function restore(roles: string, dump: string): Promise<void> {
      restored = await OwnServer.in(await mkdtemp(join(tmpdir(), 'pkgserver-own-')), {}, server.port);
      await restored.empty();
      await restored.run('psql', [...restored.address, '-q', '-d', 'postgres', '-f', roles]);
      await restored.run('pg_restore', [...restored.address, '--create', '-d', 'postgres', dump]);
    }

    it('keeps all from before, and of what was made since what docs/operating.md says', async () => {
      const [before, since] = await Promise.all(works.map((made) => holdingsOf(installation, made)));
      expect(outcomesOf(held[0] ?? {}, before ?? {})).toEqual(allKept(held[0] ?? {}));
      expect(outcomesOf(held[1] ?? {}, since ?? {})).toEqual(await documented('restored PostgreSQL'));
    });

    it('repeats nothing that was done since, and undoes nothing of it', async () => {
      await people.fixture.check();
      expect(await people.fixture.refs()).toEqual(refs);
      const { body } = await installation.admin.expect(200, 'GET', '/operations?state=queued,running,failed');
      // The one that is asked about below.
      expect(body.items).toMatchObject([{ kind: 'push', state: 'failed', target: { id: ids.newer } }]);
      const published = { lifecycle: 'published', revision: 'v1', workspace: 'first' };
      for (const name of ['released', 'asked', 'overtaken'] as const) {
        expect(await one(name)).toMatchObject({ ...published, id: ids[name] });
      }
    });

    it('finds edits that were pushed since, also of drafts that waited to be pushed', async () => {
      for (const [name, value] of [
        ['edited', 'since'],
        ['gone', 'gone on'],
      ] as const) {
        expect(await one(name)).toMatchObject({ id: ids[name], lifecycle: 'draft', git: { state: 'synced' } });
        const { body } = await installation.admin.expect(200, 'GET', `/package-revisions/${ids[name]}/resources`);
        expect((body as Body).files['config.yaml']?.content).toBe(configMap('edited', value));
      }
    });

    it('asks where the backup has an edit that was overtaken before its push', async () => {
      const { git } = await one('newer');
      expect(git).toMatchObject({ state: 'conflict' });
      const at = `/package-revisions/${ids.newer}/resources?side=remote`;
      const { body } = await installation.admin.expect(200, 'GET', at);
      expect((body as Body).files['config.yaml']?.content).toBe(configMap('edited', 'newer'));
    });

    it('shows what was deleted since as drift, and nothing else that this service has done', async () => {
      const drift = async () => {
        const { body } = await installation.admin.expect(200, 'GET', '/drift?state=open&pageSize=500');
        return (body.items as Body[]).map(({ kind, path }) => `${kind} ${String(path)}`).sort();
      };
      const acknowledged = 'headDiffers since-drifted';
      const deleted = ['branchDeleted discarded', 'headDiffers doomed', 'tagDeleted doomed'];
      expect(await drift()).toEqual([...deleted, acknowledged].sort());
      await deleteDoomed();
      expect(await drift()).toEqual(['branchDeleted discarded', acknowledged]);
    });

    it('gives no number again that was given and deleted since', async () => {
      expect(spent).toBe('v2');
      expect(await people.next(ids.spent, 'third', 'third')).toMatchObject({ revision: 'v3' });
    });
  },
);
