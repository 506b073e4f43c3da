import { afterEach, describe, expect, it } from 'vitest';
import { readConfig } from '../config/config.js';
import type { Glance } from '../database/glance.js';
import { Doorbell } from '../queue/doorbell.js';
import { Prisma } from '../database/generated/client.js';
import type { Runner } from './runner.js';
import { INSTANCE_SCOPE } from './work-scope.js';
import { Worker } from './worker.js';

/** Rings only where the test says so, and waits for the answers as a real one does when it is closed. */
class Bell extends Doorbell {
  private answer: (scopeId: string) => Promise<void> = () => Promise.reject(new Error('Nobody listens.'));
  private readonly answers: Promise<void>[] = [];
  async listen(answer: (scopeId: string) => Promise<void>): Promise<void> {
    this.answer = answer;
  }
  ring(scopeId: string): void {
    this.answers.push(this.answer(scopeId));
  }
  answered(): Promise<unknown> {
    return Promise.all(this.answers);
  }
  async depth(): Promise<{ waiting: number; active: number }> {
    return { waiting: 0, active: 0 };
  }
  async close(): Promise<void> {
    await this.answered();
  }
}

/** Has work in `waiting` scopes; each takes until `release`, or until it is interrupted. */
class Work implements Runner {
  readonly seats = 1;
  readonly isDue = Prisma.sql`TRUE`;
  readonly begun: string[] = [];
  readonly waiting = new Set<string>();
  interrupted = false;
  faulty = false;
  private readonly held: (() => void)[] = [];
  constructor(private readonly takesLong: boolean) {}
  async due(): Promise<string[]> {
    if (this.faulty) throw new Error('The database is away.');
    return [...this.waiting];
  }
  hasRoom(): boolean {
    return true;
  }
  async run(scopeId: string): Promise<void> {
    this.waiting.delete(scopeId);
    this.begun.push(scopeId);
    if (this.takesLong) await new Promise<void>((resolve) => this.held.push(resolve));
  }
  interrupt(): void {
    this.interrupted = true;
    for (const release of this.held) release();
  }
}

let worker: Worker | undefined;
let bell: Bell;
afterEach(() => worker?.stop());

async function start(repository: Work, instance: Work): Promise<void> {
  bell = new Bell();
  worker = new Worker(
    bell,
    { repository, instance, operation: new Work(false), webhook: new Work(false) },
    readConfig({ SWEEP_INTERVAL_MS: '10' }),
    { look: async (conditions) => conditions.map(() => true) } as Glance,
  );
  await worker.start();
}

describe('a worker at long work on the instance', () => {
  it('carries out what is rung and what is due in repositories meanwhile, with one seat for them', async () => {
    const [repositories, instance] = [new Work(false), new Work(true)];
    await start(repositories, instance);
    bell.ring(INSTANCE_SCOPE);
    await bell.answered();
    expect(instance.begun).toEqual([INSTANCE_SCOPE]);
    bell.ring('rung');
    await bell.answered();
    repositories.waiting.add('due');
    await expect.poll(() => repositories.begun).toEqual(['rung', 'due']);
  });

  it('begins no second one', async () => {
    const [repositories, instance] = [new Work(false), new Work(true)];
    await start(repositories, instance);
    instance.waiting.add(INSTANCE_SCOPE);
    await expect.poll(() => instance.begun).toEqual([INSTANCE_SCOPE]);
    instance.waiting.add(INSTANCE_SCOPE);
    repositories.waiting.add('later');
    await expect.poll(() => repositories.begun).toEqual(['later']);
    expect(instance.begun).toEqual([INSTANCE_SCOPE]);
  });

  it('interrupts it when told to stop, and ends', async () => {
    const [repositories, instance] = [new Work(false), new Work(true)];
    await start(repositories, instance);
    bell.ring(INSTANCE_SCOPE);
    await worker?.stop();
    expect(instance.interrupted).toBe(true);
  });
});

it('a worker goes on with repositories while it cannot learn what is due on the instance', async () => {
  const [repositories, instance] = [new Work(false), new Work(false)];
  instance.faulty = true;
  await start(repositories, instance);
  repositories.waiting.add('due');
  await expect.poll(() => repositories.begun).toEqual(['due']);
});
