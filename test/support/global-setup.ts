import { chmod, mkdtemp, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { EmbeddedPostgres } from '../../src/database/embedded-postgres.js';
import { migrate } from '../../src/database/migrate.js';

declare module 'vitest' {
  export interface ProvidedContext {
    databaseServer: string;
    databaseTemplate: string;
    /** The folder in which each test file leaves what it saw of the contract. */
    contractRecords: string;
    /** Whether the command line chose tests by their names. */
    someTests: boolean;
  }
}

/** A file system in memory, on Linux: to copy the template takes a tenth of the CPU time there that it takes on a disk. */
const MEMORY = '/dev/shm';
/** More than the databases of a run take up at once; a container may have less. */
const NEEDED_BYTES = 2 ** 31;

/**
 * One PostgreSQL for all tests of a run (TEST_DATABASE_URL, else an embedded one in a temporary folder), and in it a
 * migrated database that each test file copies.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env.TEST_DATABASE_URL;
  const server = given === undefined ? await startServer() : { url: given, stop: async () => undefined };
  // The next project of this run takes the same server.
  process.env.TEST_DATABASE_URL = server.url;
  const records = await contractRecords();
  try {
    const template = `template_${project.name}_${process.pid}`;
    await administer(server.url, `DROP DATABASE IF EXISTS "${template}"`, `CREATE DATABASE "${template}"`);
    await migrate(databaseUrl(server.url, template));
    project.provide('databaseServer', server.url);
    project.provide('databaseTemplate', template);
    project.provide('contractRecords', records.folder);
    project.provide('someTests', project.globalConfig.testNamePattern !== undefined);
    return async () => {
      await records.remove();
      // The project that started the server may have ended it by now, and the database with it.
      if (given !== undefined) {
        await administer(server.url, `DROP DATABASE "${template}" WITH (FORCE)`).catch(() => undefined);
      }
      await server.stop();
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** One folder for all projects of a run: the first makes it and removes it. */
async function contractRecords(): Promise<{ folder: string; remove: () => Promise<void> }> {
  const given = process.env.TEST_CONTRACT_RECORDS;
  if (given !== undefined) return { folder: given, remove: async () => undefined };
  const folder = await mkdtemp(join(tmpdir(), 'pkgserver-answers-'));
  process.env.TEST_CONTRACT_RECORDS = folder;
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

async function startServer(): Promise<{ url: string; stop: () => Promise<void> }> {
  const folder = await mkdtemp(join((await hasRoom(MEMORY)) ? MEMORY : tmpdir(), 'pkgserver-test-'));
  await chmod(folder, 0o755);
  const server = await EmbeddedPostgres.start(folder, {
    fsync: 'off',
    max_connections: '300',
    // What is kept of the log takes up room in memory as well.
    max_wal_size: '256MB',
  });
  return {
    url: server.url,
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function hasRoom(folder: string): Promise<boolean> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize > NEEDED_BYTES;
  } catch {
    return false;
  }
}

async function administer(url: string, ...statements: string[]): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

function databaseUrl(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}
