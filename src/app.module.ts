import { type DynamicModule, Module } from '@nestjs/common';
import { ApiModule } from './api.module.js';
import type { Role } from './config/config.js';
import { CoreModule, type Resources } from './core.module.js';
import { healthControllers, healthProviders } from './health/health.module.js';
import { WorkerModule } from './worker.module.js';

/** What runs in this process. Every role answers `/health` and `/metrics`. */
@Module({ controllers: healthControllers, providers: healthProviders })
export class AppModule {
  static register(role: Role, resources?: Resources): DynamicModule {
    const parts = { all: [ApiModule, WorkerModule], api: [ApiModule], worker: [WorkerModule] };
    return { module: AppModule, imports: [CoreModule.register(resources), ...parts[role]] };
  }
}
