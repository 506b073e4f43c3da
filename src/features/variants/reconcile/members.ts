import { Injectable } from '@nestjs/common';
import { Authenticator } from '../../../access/authenticator.js';
import { withContext } from '../../../logging/request-context.js';
import { ownerOf, type VariantSetRow } from '../variant-row.js';
import { memberChanges } from '../member-changes.js';
import { MemberStore } from '../member.store.js';
import { ReconcileStore } from './reconcile.store.js';

/** Makes, changes and retires the members of sets as their targets come, change and go. */
@Injectable()
export class SetMembers {
  constructor(
    private readonly due: ReconcileStore,
    private readonly members: MemberStore,
    private readonly authenticator: Authenticator,
  ) {}

  /** Looks at the next set that is due. False: there is none. */
  async reconcileNext(): Promise<boolean> {
    const set = await this.due.takeDueSet();
    if (set === null) return false;
    await withContext({ actor: set.owner }, () => this.reconcile(set));
    await this.due.setDone(set.id);
    return true;
  }

  private async reconcile(set: VariantSetRow): Promise<void> {
    const caller = await this.authenticator.again(ownerOf(set));
    const targets = await this.members.targetsOf(set.targets, caller);
    const changes = memberChanges(set, targets, await this.members.of(set.id));
    await this.members.make(set, changes.made);
    await this.members.change(set, changes.changed);
    await this.members.retire(changes.retired);
  }
}
