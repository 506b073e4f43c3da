import { EventNumberStore } from '../../src/events/event-number.store.js';
import { Author } from '../chaos/author.js';
import { Client, type SentRequest } from '../chaos/client.js';
import type { Cluster } from '../chaos/cluster.js';
import { epilogue } from '../chaos/epilogue.js';
import { gather } from '../chaos/evidence.js';
import { count, type Figures, timed } from '../chaos/figures.js';
import { type Absences, Follower } from '../chaos/follower.js';
import { Ledger } from '../chaos/ledger.js';
import { quiet } from '../chaos/quiet.js';
import { Reader } from '../chaos/reader.js';
import { unregister } from '../chaos/rebuild.check.js';
import { ThirdParty } from '../chaos/third-party.js';
import { World } from '../chaos/world.js';
import { Random } from '../support/random.js';
import { checkBounds } from './bounds.js';
import { invite } from './cast.js';
import { Faults } from './faults.js';
import { checkInvariants } from './invariants.js';
import { Schedule } from './schedule.js';
import { Stage } from './stage.js';

export interface RoundPlan {
  seed: number;
  milliseconds: number;
  acts: number;
}

export interface Round {
  /** How many acts there were. */
  acts: number;
  /** What does not hold. */
  faults: string[];
}

const AUTHORS = Array.from({ length: 12 }, (_, index) => `author-${index}`);
const READERS = 4;
/** Of those who follow the events, the first stays; the others fall behind. */
const ABSENCES: (Absences | undefined)[] = [
  undefined,
  { stays: 300, away: 1_000 },
  { stays: 1_500, away: 4_000 },
  { stays: 50, away: 300 },
];

/** One round: everybody and everything at once, then quiet, all invariants, and what is left when all of it is taken away. */
export async function runRound(cluster: Cluster, plan: RoundPlan, figures: Figures): Promise<Round> {
  const random = new Random(plan.seed);
  const requests: SentRequest[] = [];
  const client = async (name: string) => new Client(await cluster.door(name), name, figures.clients, requests);
  const { database } = cluster.test;
  const [observer, people] = [await client('observer'), await Promise.all(AUTHORS.map(client))];
  const [door, last] = [await cluster.door('observer'), await new EventNumberStore(database).last()];
  const followers = ABSENCES.map((absences) => new Follower(door, last, absences));
  const name = `${plan.seed}-${Date.now().toString(36)}`;
  const world = await timed(figures, 'setup', () => World.create(cluster, observer, name));
  const ledger = new Ledger();
  const stage = new Stage(cluster, name, figures, new Client(door, 'observer', figures.clients), random.fork());
  const { guests, blackout } = await timed(figures, 'setup', () => invite(stage, ledger));
  const all = new World([...world.repositories, ...stage.repositories]);
  const authors = people.map((person) => new Author(world, person, ledger, random.fork()));
  const others = world.repositories.map((repository) => new ThirdParty(repository, random.fork()));
  const readers = Array.from({ length: READERS }, () => new Reader(all, observer, random.fork()));
  const disasters = new Faults(cluster, random.fork(), plan.milliseconds / 60_000);
  const parts = [
    ...authors.map((actor) => ({ kind: 'author', weight: 4, actor })),
    ...others.map((actor) => ({ kind: 'push', weight: 4, actor })),
    ...readers.map((actor) => ({ kind: 'reader', weight: 2, actor })),
    ...guests.map((actor) => ({ kind: actor.kind, weight: actor.weight, actor })),
    { kind: 'fault', weight: 5, actor: disasters },
  ];
  const schedule = new Schedule(parts, random.fork());

  // A few revisions first, so that the faults find something to break.
  await Promise.all(authors.map((author) => author.act()));
  disasters.begin();
  await timed(figures, 'storm', () => schedule.run({ acts: plan.acts, until: Date.now() + plan.milliseconds }));
  await timed(figures, 'start', () => disasters.end());
  await timed(figures, 'blackout', () => blackout.strike());

  await timed(figures, 'settle', () => Promise.all(guests.map((guest) => guest.settle())));
  const calm = () => quiet(all, database, observer);
  const faults = [...schedule.faults, ...(await timed(figures, 'quiet', calm))];
  const [author] = authors;
  if (faults.length === 0 && author) {
    const settle = () => quiet(world, database, observer);
    const end = () => epilogue(world, ledger, author, random.fork(), settle);
    faults.push(...(await timed(figures, 'epilogue', end)));
  }
  const evidence = await Promise.all(all.repositories.map((repository) => gather(database, repository, ledger)));
  const { forced } = stage;
  const check = () =>
    checkInvariants({ cluster, world, forced, ledger, requests, followers, observer }, evidence, figures);
  faults.push(...(await timed(figures, 'checks', check)));
  const told = followers[0]?.seen ?? [];
  for (const guest of guests) faults.push(...(await timed(figures, guest.kind, () => guest.check(evidence, told))));
  const denials = [observer, ...people, ...stage.clients].flatMap((one) => one.denials);
  faults.push(...readers.flatMap((reader) => reader.faults), ...denials, ...cluster.faults());
  await Promise.all(followers.map((follower) => follower.stop()));
  for (const { connections } of followers) figures.eventStreams += connections;
  count(figures, evidence, others, readers);
  await Promise.all(all.repositories.map((repository) => unregister(observer, repository)));
  faults.push(...(await timed(figures, 'bounds', () => checkBounds(cluster))));
  const done = Object.entries({ ...schedule.counts, ...disasters.done }).map(([kind, times]) => `${kind} ${times}`);
  console.log(`seed ${plan.seed}: ${schedule.acts} acts (${done.join(', ')}), ${faults.length} faults`);
  return { acts: schedule.acts, faults };
}
