import { Injectable } from '@nestjs/common';
import { ContentStore } from '../../content/content.store.js';
import { changedPaths } from '../../domain/changed-paths.js';
import {
  baseOutdated,
  type Beside,
  drift,
  hasDrifted,
  headDiffers,
  isOutdated,
  isUndecided,
  lastDiffers,
  overwriting,
  type PackageNow,
  type Standing,
  undecided,
} from '../../domain/draft-base.js';
import type { Condition } from '../../domain/revision.js';
import { storableText } from '../../domain/storable-text.js';
import type { NewBase } from '../../revisions/authored-revisions.js';
import { PackageRevisionStore } from '../../revisions/package-revision.store.js';
import { PackageStore } from '../../revisions/package.store.js';
import type { RevisionRow } from '../../revisions/revision-row.js';

/** Publications that a refusal shows. */
const SHOWN = 20;
/** Files that a condition names. */
const NAMED = 5;

/** Nobody's work on the ref, published or committed there directly, is undone unless somebody asks for it by name. */
@Injectable()
export class HeadRules {
  constructor(
    private readonly store: PackageRevisionStore,
    private readonly packages: PackageStore,
    private readonly content: ContentStore,
  ) {}

  /** Throws `baseOutdated` or `drift` where it is known already that the draft would undo something. */
  async assertCurrent(row: RevisionRow): Promise<void> {
    const latest = row.packageNow?.latest;
    if (row.packageNow && latest && isOutdated(row, row.packageNow)) {
      const since = await this.store.publishedSince(row.packageId, row.baseRevision, SHOWN);
      throw baseOutdated(row.name, row, since.length > 0 ? since : [latest]);
    }
    if (row.packageNow && hasDrifted(row)) {
      throw drift(row.path, await this.changedFiles(row.baseTree, row.packageNow.headTree));
    }
  }

  /**
   * Throws `headDiffers` for a copy of `copied` that would undo what somebody did on the ref. Returns what the draft
   * stands on, and for one that is to overwrite the condition that says so.
   */
  async beginning(
    {
      path,
      copied,
      overwriteHead,
      actor,
    }: { path: string; copied: string | null; overwriteHead: boolean; actor: string },
    now: PackageNow,
  ): Promise<NewBase & { conditions: Condition[] }> {
    const { headTree, latest } = now;
    const base = { baseCommit: now.commit, baseTree: headTree, baseRevision: latest?.revision ?? null };
    const expected = latest?.tree ?? copied;
    if (headTree === null || headTree === expected || headTree === copied) return { ...base, conditions: [] };
    const files = await this.changedFiles(expected, headTree);
    if (overwriteHead) {
      return { ...base, conditions: [overwriting(actor, `what the ref holds (${named(files)})`)] };
    }
    throw headDiffers(
      path,
      files,
      'Begin with that, by the source {type: "copy", packageId}, or set `overwriteHead` to undo it on purpose.',
    );
  }

  /** What publishing the draft as it is undoes, in words; null: nothing. */
  async undone(row: Standing): Promise<string | null> {
    const { packageNow: now } = row;
    if (now === null) return null;
    if (now.headTree === null && row.baseTree === null)
      return 'whatever its directory of the ref holds, which is no package';
    const latest = isOutdated(row, now) ? now.latest : null;
    if (latest === null && !hasDrifted(row)) return null;
    const undone = now.headTree === row.baseTree ? (latest?.tree ?? null) : now.headTree;
    const files = named(await this.changedFiles(row.baseTree, undone));
    return latest ? `${latest.revision} (${files})` : `what the ref holds (${files})`;
  }

  /**
   * Throws where a deletion would have to guess what the ref is to hold. Of the last revision the directory goes, and the
   * packages inside it stay.
   */
  async assertDeletable(row: RevisionRow, force: boolean): Promise<void> {
    const beside = await this.beside(row);
    if (isUndecided(row, beside)) throw undecided(row);
    const { headTree, stays } = beside;
    if (headTree === null || headTree === row.tree || stays.length > 0 || force) return;
    const inside = (await this.packages.inside(row.repositoryId, row.path)).filter(({ there }) => there);
    const below = inside.map(({ path }) => `${row.path === '' ? path : path.slice(row.path.length + 1)}/`);
    const changed = await this.changedFiles(row.tree, headTree);
    const files = changed.filter((path) => !below.some((directory) => path.startsWith(directory)));
    if (files.length > 0) throw lastDiffers(row.path, files);
  }

  /** Whether the ref holds this revision of its package, and whether others stay once it is deleted. */
  async holds(row: RevisionRow): Promise<{ isHead: boolean; isLast: boolean }> {
    const isHead = (await this.packages.find(row.packageId))?.headRevisionId === row.id;
    return { isHead, isLast: (await this.beside(row)).stays.length === 0 };
  }

  private async beside({ id, name }: RevisionRow): Promise<Beside> {
    const beside = (await this.store.beside([id])).get(id);
    if (!beside) throw new Error(`"${name}" is missing`);
    return beside;
  }

  async changedFiles(before: string | null, now: string | null): Promise<string[]> {
    const entriesOf = async (tree: string | null) => (tree === null ? [] : this.content.filesOf(tree));
    return changedPaths(await entriesOf(before), await entriesOf(now));
  }
}

function named(files: readonly string[]): string {
  const more = files.length - NAMED;
  return `${files.slice(0, NAMED).map(storableText).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
