import { Injectable } from '@nestjs/common';
import { ContentReader } from '../../content/content.reader.js';
import { DomainError } from '../../domain/errors.js';
import type { Condition } from '../../domain/revision.js';
import { conditionsProposed } from '../../domain/unreadable-files.js';
import type { RevisionRow } from '../../revisions/revision-row.js';

/** Files that an answer names which cannot be read. */
const UNREAD_SHOWN = 10;

/** What a revision has to hold before it can be published. */
@Injectable()
export class ContentRules {
  constructor(private readonly content: ContentReader) {}

  /** A proposal may hold nothing, too: somebody pushed its branch. */
  async assertHoldsObjects(row: RevisionRow, action: 'propose' | 'publish'): Promise<void> {
    if (await this.content.hasObjects(row.tree)) return;
    throw new DomainError(
      'stateConflict',
      `"${row.name}" holds no KRM object (a YAML document with apiVersion and kind), so there is nothing to ${action}.` +
        (await this.unread(row.tree)),
      {
        lifecycle: row.lifecycle,
        allowedActions: action === 'propose' ? ['edit', 'delete'] : ['reject', 'withdraw', 'delete'],
      },
      { about: row },
    );
  }

  /** What is to be said of it once it is proposed. */
  async conditionsProposed({ conditions, tree }: RevisionRow): Promise<Condition[]> {
    return conditionsProposed(conditions, (await this.content.remarksOn(tree)).parseErrors, tree);
  }

  /** Sentences about the files that may hold some, and cannot be read. */
  private async unread(tree: string): Promise<string> {
    const { parseErrors } = await this.content.remarksOn(tree);
    const errors = Object.entries(parseErrors);
    const shown = errors.slice(0, UNREAD_SHOWN).map(([path, reason]) => ` "${path}": ${reason}`);
    const more = errors.length - shown.length;
    return shown.join('') + (more > 0 ? ` ${more} more files cannot be read; their list says why.` : '');
  }
}
