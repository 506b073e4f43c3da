import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Body } from '../support/http-client.js';
import { type Holdings, holdingsOf } from './holdings.js';
import { Installation } from './installation.js';
import { allKept, outcomesOf } from './outcomes.js';
import { OwnServer, postgresPrograms, WITHOUT_PROGRAMS } from '../support/own-server.js';
import { People, PLACES, type Works } from './people.js';

describe.skipIf(postgresPrograms === null)(
  `a base backup and the archived WAL, to just before a mistake (${WITHOUT_PROGRAMS})`,
  () => {
    let server: OwnServer;
    let restored: OwnServer;
    let installation: Installation;
    let people: People;
    let works: Works;
    let held: Holdings;
    let refs: Map<string, string>;

    beforeAll(async () => {
      const folder = await mkdtemp(join(tmpdir(), 'pkgserver-own-'));
      const archive = join(folder, 'archive');
      server = await OwnServer.start(folder, { archive_mode: 'on', archive_command: `cp %p ${archive}/%f` });
      await server.room('archive');
      installation = await Installation.start(server);
      people = await People.settle(installation);
      const backup = await backUp();
      works = await people.work('before');
      held = await holdingsOf(installation, works);
      refs = await people.fixture.refs();
      const time = await server.moment();
      await mistake();
      await server.ask('SELECT pg_switch_wal()');
      await installation.down();
      await server.down();

      restored = await OwnServer.in(await mkdtemp(join(tmpdir(), 'pkgserver-own-')), {}, server.port);
      const settings = [`restore_command = 'cp ${archive}/%f %p'`, `recovery_target_time = '${time}'`];
      const recovery = [...settings, `recovery_target_action = 'promote'`].join('\n');
      await restored.fill(backup, { 'recovery.signal': '', 'postgresql.auto.conf': `${recovery}\n` });
      await restored.up();
      await restored.until('SELECT 1 WHERE NOT pg_is_in_recovery()');
      await installation.up();
      people.comeBack();
    });
    afterAll(async () => {
      await installation?.remove();
      await Promise.all([server?.remove(), restored?.remove()]);
    });

    /** Somebody publishes all the while. */
    async function backUp(): Promise<string> {
      const backup = await server.room('base');
      let isCopying = true;
      const publishing = (async () => {
        for (let count = 0; isCopying; count += 1) await people.publish(`meanwhile-${count}`);
      })();
      await server.run('pg_basebackup', [...server.address, '-D', backup, '-X', 'none', '-c', 'fast']);
      isCopying = false;
      await publishing;
      return backup;
    }

    /** An administrator unregisters all repositories, drafts that were never pushed included. */
    async function mistake(): Promise<void> {
      const { admin } = installation;
      const { body } = await admin.expect(200, 'GET', '/repositories');
      for (const { id } of body.items as Body[]) {
        await admin.expect(204, 'DELETE', `/repositories/${id}?drafts=discard`, undefined, { 'If-Match': '*' });
      }
      await admin.expect(200, 'GET', '/package-revisions');
    }

    it('brings back all that there was, what no push had taken to Git included', async () => {
      expect(outcomesOf(held, await holdingsOf(installation, works))).toEqual(allKept(held));
    });

    it('pushes what waited, and changes nothing else in Git', async () => {
      people.letGo();
      for (const place of PLACES) await people.sync(place);
      for (const name of ['before-unpushed', 'before-edited']) {
        const { body } = await installation.admin.expect(200, 'GET', `/package-revisions?path=${name}`);
        await installation.admin.pushed((body.items as Body[])[0]?.id ?? '');
      }
      expect(await people.fixture.refs()).toEqual(refs);
      const { body } = await installation.admin.expect(200, 'GET', '/drift?state=open');
      expect(body.items).toEqual([]);
    });
  },
);
