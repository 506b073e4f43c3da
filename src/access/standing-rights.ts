import { Injectable } from '@nestjs/common';
import { Config } from '../config/config.js';
import { AccessStore, type Deed } from './access.store.js';
import { grantsOf } from './binding-grants.js';
import type { Grants } from './grants.js';
import type { Permission, Scope } from './permission.js';

/** The present rights of people who did something earlier, by the id of what they did. */
export interface Standing {
  /** Whether the person who did it still has a role, on whatever. */
  isSomebody(id: string): boolean;
  holds(id: string, permission: Permission, scope: Scope): boolean;
}

/** Without authentication (`AUTH=none`) everybody may do everything. */
const ALL: Standing = { isSomebody: () => true, holds: () => true };
const NOBODY: Standing = { isSomebody: () => false, holds: () => false };

/** Tells whether people may still do what they did, by the roles that they have now. */
@Injectable()
export class StandingRights {
  constructor(
    private readonly config: Config,
    private readonly store: AccessStore,
  ) {}

  /** Reads the role bindings of everybody concerned in one statement. */
  async of(deeds: readonly Deed[]): Promise<Standing> {
    if (this.config.auth === 'none') return ALL;
    if (deeds.length === 0) return NOBODY;
    const bindings = await this.store.bindingsOfAll(deeds);
    const grants = new Map<string, Grants>([...bindings].map(([id, rows]) => [id, grantsOf(rows)]));
    return {
      isSomebody: (id) => grants.has(id),
      holds: (id, permission, scope) => grants.get(id)?.allows(permission, scope) ?? false,
    };
  }
}
