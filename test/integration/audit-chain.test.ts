import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AuditLog } from '../../src/audit/audit-log.js';
import { AuditSealer } from '../../src/audit/audit-sealer.js';
import { ChainStore } from '../../src/audit/chain.store.js';
import { verifyChain } from '../../src/audit/chain-verifier.js';
import { Database } from '../../src/database/database.js';
import { timeOf, uuidv7 } from '../../src/domain/uuid.js';
import { withContext } from '../../src/logging/request-context.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

let test: TestDatabase;
let log: AuditLog;
let store: ChainStore;
let sealer: AuditSealer;
beforeEach(async () => {
  test = await createTestDatabase();
  log = new AuditLog(test.database);
  store = new ChainStore(test.database);
  sealer = new AuditSealer(test.database, store);
});
afterEach(() => test.drop());

const write = (...actions: string[]) => log.record(actions.map((action) => ({ action })));
const sql = (statement: string) => test.database.client.$executeRawUnsafe(statement);
const entries = () => test.database.client.auditEntry.findMany({ orderBy: { id: 'asc' } });
const links = () => test.database.client.auditLink.findMany({ orderBy: { sequence: 'asc' } });

/** As somebody with all rights over the database would. */
async function tamper(...statements: string[]): Promise<void> {
  await sql('ALTER TABLE audit_entry DISABLE TRIGGER ALL');
  await sql('ALTER TABLE audit_link DISABLE TRIGGER ALL');
  for (const statement of statements) await sql(statement);
  await sql('ALTER TABLE audit_entry ENABLE TRIGGER ALL');
  await sql('ALTER TABLE audit_link ENABLE TRIGGER ALL');
}

const entryAt = (sequence: number) => `(SELECT entry_id FROM audit_link WHERE sequence = ${sequence})`;

/** A chain of `count` entries. */
async function chain(count: number): Promise<void> {
  await write(...Array.from({ length: count }, (_, index) => `act${index + 1}`));
  await sealer.seal();
}

describe('an entry', () => {
  it('is what the event says, and for the rest what the work at hand is known to be', async () => {
    const tokenId = uuidv7();
    await withContext({ actor: 'ada', requestId: 'r1', tokenId, address: '10.0.0.7' }, () =>
      log.record([
        { action: 'one', path: 'a/b', before: '1', after: null },
        { action: 'two', actor: null },
      ]),
    );
    const [one, two] = await entries();
    expect(one).toMatchObject({
      ...{ actor: 'ada', tokenId, requestId: 'r1', address: '10.0.0.7', outcome: 'succeeded' },
      ...{ action: 'one', path: 'a/b', before: '1', after: null, reason: null, operationId: null },
    });
    expect(one?.time).toEqual(timeOf(one?.id ?? ''));
    expect(two).toMatchObject({ action: 'two', actor: null, requestId: 'r1' });
  });

  it('takes whatever a caller may have sent', async () => {
    const resourceId = `a\0b\ud800${'x'.repeat(5_000)}`;
    await log.denied({ action: 'signIn', resourceId, reason: resourceId });
    const [entry] = await entries();
    expect(entry?.resourceId).toMatch(/^a\u{FFFD}b\u{FFFD}x{500,}$/u);
    await sealer.seal();
    expect(await verifyChain(store)).toMatchObject({ entries: 1, links: 1, fault: null });
  });

  it('goes with the transaction it is written in; a refusal stays', async () => {
    const failing = test.database.transaction(async () => {
      await write('lost');
      await log.denied({ action: 'kept', reason: 'forbidden' });
      throw new Error('rolled back');
    });
    await expect(failing).rejects.toThrow('rolled back');
    expect(await entries()).toMatchObject([{ action: 'kept', outcome: 'denied', reason: 'forbidden' }]);
  });

  it('that cannot be written changes nothing for whoever is refused', async () => {
    await sql('ALTER TABLE audit_entry RENAME TO gone');
    await expect(log.denied({ action: 'signIn' })).resolves.toBeUndefined();
    await expect(write('done')).rejects.toThrow();
  });

  it.each([
    'UPDATE audit_entry SET actor = NULL',
    'DELETE FROM audit_entry',
    'TRUNCATE audit_entry',
    'UPDATE audit_link SET sequence = 7',
    'DELETE FROM audit_link WHERE false',
    'TRUNCATE audit_link',
    'SET LOCAL session_replication_role = replica; DELETE FROM audit_entry',
  ])('is never changed, not by the owner either: %s', async (statement) => {
    await chain(1);
    const attempt = test.database.transaction(async () => {
      for (const part of statement.split('; ')) await sql(part);
    });
    await expect(attempt).rejects.toThrow(/append-only/);
    expect(await verifyChain(store)).toMatchObject({ entries: 1, links: 1, fault: null });
  });
});

describe('the sealer', () => {
  it('links every entry once, in an order without gaps', async () => {
    await chain(3);
    await write('later');
    expect(await sealer.seal()).toBe(1);
    expect(await sealer.seal()).toBe(0);
    const made = await links();
    expect(made.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4]);
    expect(made.map(({ entryId }) => entryId)).toEqual((await entries()).map(({ id }) => id));
    expect(await test.database.client.auditPending.count()).toBe(0);
    expect(await verifyChain(store)).toMatchObject({ entries: 4, links: 4, head: { sequence: 4 }, fault: null });
  });

  it('takes more than one batch', async () => {
    await chain(1_234);
    expect(await verifyChain(store)).toMatchObject({ entries: 1_234, links: 1_234, fault: null });
  });

  it('misses none of many writers that commit late and in any order, with several sealers at work', async () => {
    const others = [1, 2].map(() => new Database({ url: test.url, poolSize: 12 }));
    const sealers = [test.database, ...others].map((database) => new AuditSealer(database, new ChainStore(database)));
    let writing = true;
    const sealing = sealers.map(async (one) => {
      while (writing) await one.seal();
    });
    const [, second] = others;
    const database = second ?? test.database;
    const writers = Array.from({ length: 40 }, async (_, index) => {
      const work = database.transaction(async () => {
        await new AuditLog(database).record([{ action: `a${index}` }]);
        await sleep((index * 37) % 300);
        await new AuditLog(database).record([{ action: `b${index}` }]);
        if (index % 5 === 0) throw new Error('rolled back');
      });
      await work.catch(() => undefined);
    });
    await Promise.all(writers);
    writing = false;
    await Promise.all(sealing);
    await sealer.seal();
    const made = await links();
    expect(made).toHaveLength(64);
    expect(new Set(made.map(({ entryId }) => entryId))).toEqual(new Set((await entries()).map(({ id }) => id)));
    expect(await verifyChain(store)).toMatchObject({ entries: 64, links: 64, fault: null });
    await Promise.all(others.map((other) => other.onModuleDestroy()));
  });

  it('links by itself, and what is left when it is stopped', async () => {
    sealer.start();
    await write('first');
    await expect.poll(async () => (await links()).length).toBe(1);
    await write('last');
    await sealer.stop();
    expect(await links()).toHaveLength(2);
  });
});

describe('verification finds', () => {
  it.each([
    ['a changed entry', `UPDATE audit_entry SET actor = 'eve' WHERE id = ${entryAt(4)}`, 'changed', 4],
    [
      'a time moved by a millisecond',
      `UPDATE audit_entry SET time = time - interval '1 ms' WHERE id = ${entryAt(4)}`,
      'changed',
      4,
    ],
    ['a changed hash', `UPDATE audit_link SET hash = sha256(hash) WHERE sequence = 3`, 'changed', 3],
    ['a removed entry', `DELETE FROM audit_entry WHERE id = ${entryAt(2)}`, 'missing', 2],
    ['a removed link', 'DELETE FROM audit_link WHERE sequence = 5', 'gap', 5],
    ['the first link removed', 'DELETE FROM audit_link WHERE sequence = 1', 'gap', 1],
  ])('%s', async (_, statement, kind, sequence) => {
    await chain(6);
    await tamper(statement);
    const { fault, head } = await verifyChain(store);
    expect(fault).toMatchObject({ kind, sequence });
    expect(head?.sequence ?? 0).toBe(sequence - 1);
  });

  it('swapped entries', async () => {
    await chain(6);
    const [, second, third] = await links();
    await tamper(
      'DROP INDEX audit_link_entry_id_key',
      `UPDATE audit_link SET entry_id = '${third?.entryId}' WHERE sequence = 2`,
      `UPDATE audit_link SET entry_id = '${second?.entryId}' WHERE sequence = 3`,
    );
    expect((await verifyChain(store)).fault).toMatchObject({ kind: 'order', sequence: 2 });
  });

  it('swapped links', async () => {
    await chain(6);
    await tamper(
      'UPDATE audit_link SET sequence = 100 WHERE sequence = 2',
      'UPDATE audit_link SET sequence = 2 WHERE sequence = 3',
      'UPDATE audit_link SET sequence = 3 WHERE sequence = 100',
    );
    expect((await verifyChain(store)).fault).toMatchObject({ kind: 'order', sequence: 2 });
  });

  it('a removed tail, by what was kept of it', async () => {
    await chain(6);
    const head = await store.head();
    const kept = { sequence: head?.sequence ?? 0, hash: head?.hash ?? '' };
    await write('more');
    await sealer.seal();
    expect((await verifyChain(store, kept)).fault).toBeNull();
    await tamper(`DELETE FROM audit_entry WHERE id IN (SELECT entry_id FROM audit_link WHERE sequence > 4)`);
    await tamper('DELETE FROM audit_link WHERE sequence > 4');
    expect((await verifyChain(store)).fault).toBeNull();
    expect((await verifyChain(store, kept)).fault).toMatchObject({ kind: 'truncated', sequence: 5 });
    await write('another', 'story');
    await sealer.seal();
    expect((await verifyChain(store)).fault).toBeNull();
    expect((await verifyChain(store, kept)).fault).toMatchObject({ kind: 'replaced', sequence: 6 });
  });

  it('links of the tail removed without their entries', async () => {
    await sql(`INSERT INTO audit_entry (id, time, action, outcome)
      SELECT gen_random_uuid(), now() - interval '2 minutes', 'x', 'succeeded' FROM generate_series(1, 6)`);
    await sealer.seal();
    await tamper('DELETE FROM audit_link WHERE sequence > 4');
    const { fault, head } = await verifyChain(store);
    expect(fault).toMatchObject({ kind: 'unlinked', message: expect.stringContaining('2 entries') });
    expect(head?.sequence).toBe(4);
  });

  it('an entry without a link for more than a minute, and one that went before it had one', async () => {
    await chain(2);
    await write('waits');
    expect((await verifyChain(store)).fault).toBeNull();
    const id = uuidv7(Date.now() - 61_000);
    await sql(
      `INSERT INTO audit_entry (id, time, action, outcome) VALUES ('${id}', now() - interval '61 s', 'x', 'denied')`,
    );
    expect((await verifyChain(store)).fault).toMatchObject({ kind: 'unlinked', message: expect.stringContaining(id) });
    await sealer.seal();
    expect((await verifyChain(store)).fault).toBeNull();
    await write('vanishes');
    await tamper(`DELETE FROM audit_entry WHERE action = 'vanishes'`);
    expect((await verifyChain(store)).fault).toMatchObject({ kind: 'missing', sequence: null });
    await write('goes on');
    await sealer.seal();
    expect(await links()).toHaveLength(5);
  });
});
