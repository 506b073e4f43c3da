import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { ChainStore, type Link } from '../../audit/chain.store.js';
import type { AuditEntry } from '../../database/generated/client.js';
import { found } from '../../domain/found.js';
import type { Part, Rows } from '../../domain/list.js';
import type { AuditFilter } from './audit-entry.filter.js';
import { AuditEntryStore } from './audit-entry.store.js';

const BATCH = 500;

/** Reading the audit log. */
@Injectable()
export class AuditEntryService {
  constructor(
    private readonly store: AuditEntryStore,
    private readonly chain: ChainStore,
  ) {}

  async list(filter: AuditFilter, part: Part): Promise<Rows<AuditEntry>> {
    return this.store.list(filter, part);
  }

  async get(id: string): Promise<AuditEntry> {
    return found(await this.store.find(id), 'audit entry', id);
  }

  /** The linked entries behind a place of the chain, a line each as `line` writes it; read as fast as they are taken. */
  async export(afterSequence: number, line: (link: Link & { entry: AuditEntry }) => string): Promise<Readable> {
    // The first are read here, so that a database that does not answer is told as such.
    const first = await this.chain.links(afterSequence, BATCH);
    return Readable.from(this.lines(first, line), { objectMode: false });
  }

  private async *lines(first: Link[], line: (link: Link & { entry: AuditEntry }) => string): AsyncGenerator<Buffer> {
    for (let links = first; links.length > 0;) {
      const whole = links.flatMap(({ entry, ...link }) => (entry === null ? [] : { ...link, entry }));
      yield Buffer.from(whole.map((link) => `${line(link)}\n`).join(''), 'utf8');
      const last = links.at(-1)?.sequence;
      if (links.length < BATCH || last === undefined) return;
      links = await this.chain.links(last, BATCH);
    }
  }
}
