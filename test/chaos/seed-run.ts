import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../support/random.js';
import { checkAccepted } from './accepted.check.js';
import { EventNumberStore } from '../../src/events/event-number.store.js';
import { checkAudit } from './audit.check.js';
import { Author } from './author.js';
import { Client, type SentRequest } from './client.js';
import type { Cluster } from './cluster.js';
import { epilogue } from './epilogue.js';
import { type Evidence, gather } from './evidence.js';
import { checkEvents } from './events.check.js';
import { Follower } from './follower.js';
import { count, type Figures, timed } from './figures.js';
import { checkIndex } from './index.check.js';
import { Ledger } from './ledger.js';
import { checkOthers } from './others.check.js';
import { checkPublished } from './published.check.js';
import { quiet } from './quiet.js';
import { Reader } from './reader.js';
import { checkRebuild, unregister } from './rebuild.check.js';
import { Saboteur } from './saboteur.js';
import { ThirdParty } from './third-party.js';
import { World } from './world.js';

const AUTHORS = ['a0', 'a1', 'a2', 'a3'];
/** The chaos lasts until each author has done so much, but not longer than a slow machine may take. */
const ACTS = 30;
const LIMIT_MS = Number(process.env.CHAOS_SECONDS ?? 20) * 1_000;

/** One seed: people, others, faults and readers at once; then quiet, and all invariants. Gives what does not hold. */
export async function runSeed(cluster: Cluster, seed: number, figures: Figures): Promise<string[]> {
  const random = new Random(seed);
  const requests: SentRequest[] = [];
  const client = async (name: string) => new Client(await cluster.door(name), name, figures.clients, requests);
  const observer = await client('observer');
  const people = await Promise.all(AUTHORS.map(client));
  const { database } = cluster.test;
  const name = `${seed}-${Date.now().toString(36)}`;
  const follower = new Follower(await cluster.door('observer'), await new EventNumberStore(database).last());
  const world = await timed(figures, 'setup', () => World.create(cluster, observer, name));
  const ledger = new Ledger();
  const authors = people.map((person) => new Author(world, person, ledger, random.fork()));
  const others = world.repositories.map((repository) => new ThirdParty(repository, random.fork()));
  const reader = new Reader(world, observer, random.fork());
  const saboteur = new Saboteur(cluster, random.fork());

  // A few revisions first, so that the chaos finds something to break.
  await Promise.all(authors.map((author) => author.act()));
  saboteur.begin();
  const end = Date.now() + LIMIT_MS;
  const pauses = random.fork();
  let working = authors.length;
  const keepOn = async (actor: { act(): Promise<void> }, low: number, high: number) => {
    while (working > 0 && Date.now() < end) {
      await actor.act();
      await sleep(pauses.between(low, high));
    }
  };
  const work = async (author: Author) => {
    for (let act = 0; act < ACTS && Date.now() < end; act += 1) {
      await author.act();
      await sleep(pauses.between(0, 30));
    }
    working -= 1;
  };
  await timed(figures, 'chaos', () =>
    Promise.all([
      ...authors.map(work),
      ...others.map((other) => keepOn(other, 20, 200)),
      keepOn(reader, 0, 50),
      keepOn(saboteur, 50, 400),
    ]),
  );
  await saboteur.finish();
  saboteur.end();
  await timed(figures, 'start', () => cluster.allUp());

  const faults = await timed(figures, 'quiet', () => quiet(world, database, observer));
  const [author] = authors;
  if (faults.length === 0 && author) {
    const settle = () => quiet(world, database, observer);
    const end = () => epilogue(world, ledger, author, random.fork(), settle);
    faults.push(...(await timed(figures, 'epilogue', end)));
  }
  const evidence = await Promise.all(world.repositories.map((repository) => gather(database, repository, ledger)));
  await timed(figures, 'checks', async () => {
    for (const one of evidence) faults.push(...(await check(one, cluster, observer)));
    faults.push(...(await checkAudit(database, evidence, requests)));
    faults.push(...(await checkEvents(database, evidence, follower)));
  });
  const fresh = new Client(cluster.fresh.door, 'observer', figures.clients);
  const rebuild = () => checkRebuild(world, evidence, { kept: observer, fresh });
  // What is not right in the index has been told already.
  if (faults.length === 0) faults.push(...(await timed(figures, 'rebuild', rebuild)));
  const denials = [observer, fresh, ...people].flatMap((client) => client.denials);
  faults.push(...reader.faults, ...denials, ...cluster.faults());
  await follower.stop();
  figures.eventStreams += follower.connections;
  count(figures, evidence, others, [reader]);
  await Promise.all(world.repositories.map((repository) => unregister(observer, repository)));
  return faults;
}

async function check(evidence: Evidence, cluster: Cluster, observer: Client): Promise<string[]> {
  return [
    ...checkAccepted(evidence),
    ...checkPublished(evidence),
    ...checkOthers(evidence),
    ...(await checkIndex(evidence, cluster.test.database, observer)),
  ];
}
