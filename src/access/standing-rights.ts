import { Injectable } from '@nestjs/common';
import { Config } from '../config/config.js';
import { AccessStore, type Deed } from './access.store.js';
import { grantsOf } from './binding-grants.js';
import type { Grants } from './grants.js';
import type { Permission, Scope } from './permission.js';

/** What those may do now who did something earlier. */
export interface Standing {
  /** `id`: of what they did. */
  holds(id: string, permission: Permission, scope: Scope): boolean;
}

/** Where names are only believed, everybody may do everything. */
const ALL: Standing = { holds: () => true };
const NOBODY: Standing = { holds: () => false };

/** Tells whether people may still do what they did, by the roles that they have now. */
@Injectable()
export class StandingRights {
  constructor(
    private readonly config: Config,
    private readonly store: AccessStore,
  ) {}

  /** For all deeds at once, by one statement. */
  async of(deeds: readonly Deed[]): Promise<Standing> {
    if (this.config.auth === 'none') return ALL;
    if (deeds.length === 0) return NOBODY;
    const bindings = await this.store.bindingsOfAll(deeds);
    const grants = new Map<string, Grants>([...bindings].map(([id, rows]) => [id, grantsOf(rows)]));
    return { holds: (id, permission, scope) => grants.get(id)?.allows(permission, scope) ?? false };
  }
}
