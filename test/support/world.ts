import type { INestApplicationContext, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from '../../src/app.module.js';
import { openTestResources, type TestResources } from './resources.js';

/** The application's own modules, API and engine, without HTTP, queue or worker: a test calls what it tests. */
export interface World extends TestResources {
  /** What the container made of a class, such as a service or a store. */
  get<T>(token: Type<T> | (abstract new (...parameters: never[]) => T)): T;
  close(): Promise<void>;
}

export interface WorldOptions {
  /** Works on the database of another world, as a second worker process does. Close this one first. */
  beside?: World;
}

/** Settings are environment variables. */
export async function startWorld(settings: Record<string, string> = {}, options: WorldOptions = {}): Promise<World> {
  const resources = await openTestResources(settings, options.beside);
  const application = await applicationOf(resources);
  return {
    ...resources,
    get: (token) => application.get(token, { strict: false }),
    close: async () => {
      await application.close();
      await resources.release();
    },
  };
}

async function applicationOf(resources: TestResources): Promise<INestApplicationContext> {
  try {
    return await NestFactory.createApplicationContext(AppModule.register('all', resources), {
      abortOnError: false,
      logger: ['error'],
    });
  } catch (error) {
    await resources.release();
    throw error;
  }
}
