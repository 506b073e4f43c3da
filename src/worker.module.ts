import { Module } from '@nestjs/common';
import { engineProviders } from './operations/engine.module.js';

/** The engine: the only part that talks to Git remotes. */
@Module({ providers: engineProviders })
export class WorkerModule {}
