import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Body } from '../support/http-client.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { Installation } from './installation.js';
import { OwnServer, postgresPrograms, WITHOUT_PROGRAMS } from '../support/own-server.js';
import { People } from './people.js';

const NAMES = Array.from({ length: 8 }, (_, index) => `web-${index}`);

describe.skipIf(postgresPrograms === null)(
  `PostgreSQL fails over in the middle of a group publication (${WITHOUT_PROGRAMS})`,
  () => {
    let primary: OwnServer;
    let standby: OwnServer;
    /** What `DATABASE_URL` names: it leads to whichever server is the primary. */
    let front: TcpProxy;
    /** Between the two servers. */
    let stream: TcpProxy;
    let installation: Installation;
    let people: People;
    let proposals: string[];

    beforeEach(async () => {
      primary = await OwnServer.start(await mkdtemp(join(tmpdir(), 'pkgserver-primary-')));
      stream = await TcpProxy.start(primary.url);
      front = await TcpProxy.start(primary.url);
      standby = await primary.standby(await mkdtemp(join(tmpdir(), 'pkgserver-standby-')), stream.port);
      const [url, ownerUrl] = [front.through(primary.url), front.through(primary.ownerUrl)];
      installation = await Installation.start({ url, ownerUrl });
      people = await People.settle(installation);
      proposals = [];
      for (const name of NAMES) proposals.push(await people.draft(name));
      for (const id of proposals) await installation.admin.propose(id);
    });
    afterEach(async () => {
      installation?.git.onRequest(null);
      await installation?.remove();
      await Promise.all([front?.stop(), stream?.stop()]);
      await Promise.all([primary?.remove(), standby?.remove()]);
    });

    /** All approvals wait for one push, which then takes them together: their operations. */
    async function approveTogether(): Promise<string[]> {
      people.holdBack('catalog');
      const items = proposals.map((id) => ({ id, etag: '*' }));
      const request = { action: 'approve', items };
      const { body } = await installation.admin.expect(202, 'POST', '/package-revisions/bulk', request);
      const begun = async () =>
        ((await installation.admin.expect(200, 'GET', `/operations/${body.id}/items`)).body.items as Body[]).flatMap(
          ({ operationId }) => (operationId ? String(operationId) : []),
        );
      await expect.poll(async () => (await begun()).length).toBe(NAMES.length);
      const operations = [body.id as string, ...(await begun())];
      people.letGo('catalog');
      return operations;
    }

    /** The primary ends at once, and the standby takes its place. */
    async function failOver(): Promise<void> {
      await primary.down('SIGQUIT');
      await standby.promote();
      front.pointTo(standby.url);
      front.cutNow();
    }

    /** Waits for the push that holds all publications to be in place, and fails over before its sender hears of it. */
    function failOverAtPush(): Promise<void> {
      return new Promise((resolve, reject) => {
        installation.git.onRequest(async ({ repository, service, method, phase }) => {
          if (repository !== 'catalog' || service !== 'git-receive-pack' || method !== 'POST') return;
          if (phase === 'before' || !(await people.fixture.tags()).includes('web-0/v1')) return;
          installation.git.onRequest(null);
          await failOver().then(resolve, reject);
        });
      });
    }

    /** As Git and the index have the packages: each published once, as the same commit and tree. */
    async function expectPublishedOnce(): Promise<void> {
      const tags = NAMES.map((name) => `${name}/v1`);
      expect(await people.fixture.tags()).toEqual(tags);
      await people.fixture.check();
      const { body } = await installation.admin.expect(
        200,
        'GET',
        '/package-revisions?repository=catalog&pageSize=100',
      );
      const revisions = (body.items as Body[]).sort((one, other) => (one.name < other.name ? -1 : 1));
      expect(revisions.map(({ tag }) => tag)).toEqual(tags);
      for (const { path, tag, commit, tree, lifecycle } of revisions) {
        expect(lifecycle).toBe('published');
        expect(commit).toBe(await people.fixture.revParse(`${String(tag)}^{commit}`));
        expect(tree).toBe(await people.fixture.revParse(`main:${String(path)}`));
      }
      const drift = await installation.admin.expect(200, 'GET', '/drift?repository=catalog');
      expect(drift.body.items).toEqual([]);
      // Work goes on, and no number comes twice.
      const [first] = revisions;
      expect(await people.next(first?.id ?? '', 'second', 'next')).toMatchObject({ revision: 'v2' });
    }

    it('to a standby that confirms each commit: nothing is lost, and what was begun ends', async () => {
      await primary.confirmedBy('standby');
      const over = failOverAtPush();
      const operations = await approveTogether();
      await over;
      await installation.answers();
      for (const id of operations) expect(await installation.admin.finished(id)).toMatchObject({ state: 'succeeded' });
      await people.sync();
      await expectPublishedOnce();
    });

    it('to a standby that lags: what Git holds is found there, and what it does not is lost', async () => {
      await primary.replayed(standby);
      stream.onConnection(() => ({ refuse: true }));
      stream.cutNow();
      people.holdBack();
      const lost = await people.draft('lost', 'held');
      const over = failOverAtPush();
      const operations = await approveTogether();
      await over;
      await installation.answers();
      for (const id of operations) await installation.admin.expect(404, 'GET', `/operations/${id}`);
      await installation.admin.expect(404, 'GET', `/package-revisions/${lost}`);
      await people.sync();
      await expectPublishedOnce();
    });
  },
);
