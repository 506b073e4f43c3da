import { Inject, Injectable } from '@nestjs/common';
import { noteChange } from '../../audit/noted-change.js';
import { Config } from '../../config/config.js';
import { ContentReader } from '../../content/content.reader.js';
import { ContentService } from '../../content/content.service.js';
import type { ContentFile } from '../../content/content.js';
import { ContentStore } from '../../content/content.store.js';
import { Database } from '../../database/database.js';
import { DomainError } from '../../domain/errors.js';
import { found } from '../../domain/found.js';
import { lfsConditionsAfter } from '../../domain/lfs-pointers.js';
import { assertAllowed } from '../../domain/lifecycle.js';
import { changedMeanwhile, type Precondition, staleTags } from '../../domain/precondition.js';
import { assertKptfileSize, KPTFILE } from '../../krm/kptfile.js';
import { AuthoredRevisions } from '../../revisions/authored-revisions.js';
import type { Side } from '../package-revisions/lifecycle/draft-conflict.service.js';
import { assertPaths, type FileEdit, type FileInput, patchFiles, replaceFiles } from './file-edit.js';
import { PackageRevisionStore } from '../../revisions/package-revision.store.js';
import type { RevisionRow } from '../../revisions/revision-row.js';
import { type Resources, ResourcesReader } from './resources-reader.js';
import { RevisionGuard } from '../package-revisions/revision-guard.js';
import { RevisionWork } from '../package-revisions/revision-work.js';

const FILES_SHOWN = 20;

/** What an edit left behind. */
export interface EditResult {
  /** The entity tag of the resources: the tree. */
  etag: string;
  tree: string;
  fileCount: number;
  sizeBytes: number;
  /** By path: why a YAML file could not be read. Such a file is stored all the same. */
  parseErrors: Record<string, string>;
  /** By path: what kubectl reads in another way than it is written. */
  parseWarnings: Record<string, string[]>;
}

/** The content of a revision as one whole. Reading and writing touch no Git: a push follows in the background. */
@Injectable()
export class ResourcesService {
  constructor(
    private readonly database: Database,
    private readonly store: PackageRevisionStore,
    private readonly revisions: AuthoredRevisions,
    private readonly contentStore: ContentStore,
    private readonly content: ContentService,
    private readonly contentReader: ContentReader,
    private readonly reader: ResourcesReader,
    private readonly guard: RevisionGuard,
    private readonly work: RevisionWork,
    @Inject(Config) private readonly limits: Pick<Config, 'maxPackageBytes'>,
  ) {}

  /** `side: 'remote'`: while the draft is in conflict, what the other writer left on its branch. */
  async read(id: string, side: Side): Promise<Resources> {
    const row = found(await this.store.find(id), 'package revision', id);
    if (side === 'draft') return this.reader.read(row.tree);
    if (row.gitState !== 'conflict' || row.conflictTree === null) {
      throw new DomainError('notFound', `"${row.name}" is not in conflict, so it has no other side.`);
    }
    return this.reader.read(row.conflictTree);
  }

  async replace(
    id: string,
    files: Readonly<Record<string, FileInput>>,
    actor: string,
    precondition: Precondition,
  ): Promise<EditResult> {
    return this.edit(id, { actor, precondition, paths: null }, (current) => replaceFiles(current, files));
  }

  async patch(
    id: string,
    patch: Readonly<Record<string, FileInput | null>>,
    actor: string,
    precondition: Precondition,
  ): Promise<EditResult> {
    const paths = new Set(Object.keys(patch));
    return this.edit(id, { actor, precondition, paths }, (current) => patchFiles(current, patch));
  }

  /** Changes the content of a draft. `paths`: those that are changed, as far as the caller names them; null: all. */
  async edit(
    id: string,
    { actor, precondition, paths }: { actor: string; precondition: Precondition; paths: ReadonlySet<string> | null },
    change: (current: ContentFile[]) => FileEdit | Promise<FileEdit>,
  ): Promise<EditResult> {
    return this.database.transaction(async () => {
      const row = await this.guard.lockIdle(id);
      const seen = staleTags(precondition, row.tree);
      if (seen !== null) throw await this.changedSince(seen, row, paths);
      assertAllowed(row, 'edit');
      // The audit entry tells of the content, as the answer does: its entity tags are trees.
      noteChange(id, { before: row.tree });
      const edit = await change(await this.contentStore.filesOf(row.tree));
      assertPaths(edit);
      this.assertSize(edit);
      const tree = await this.content.savePackage(edit.written, edit.kept);
      if (tree.oid !== row.tree) {
        const edited = await this.revisions.edit(row, tree.oid, actor);
        const pointersIn = (edited: string) => this.contentReader.lfsPointers(edited);
        const conditions = await lfsConditionsAfter(row.conditions, tree.oid, pointersIn);
        if (conditions !== null) await this.revisions.setConditions(edited, conditions);
        await this.work.push(edited, actor);
      }
      const { oid, fileCount, sizeBytes } = tree;
      return { etag: oid, tree: oid, fileCount, sizeBytes, ...(await this.contentReader.remarksOn(oid)) };
    });
  }

  /**
   * Names the files that are others than in the tree that the caller saw, where that is still known; `paths` are those
   * that the caller changes, null all. Files that are gone are not named: whose tree it was is not known.
   */
  private async changedSince(
    seen: readonly string[],
    row: RevisionRow,
    paths: ReadonlySet<string> | null,
  ): Promise<DomainError> {
    const what = `The content of "${row.name}"`;
    const before = await this.contentStore.filesOf(seen[0] ?? '');
    if (before.length === 0) return changedMeanwhile(row.tree, what, row);
    const now = await this.contentStore.filesOf(row.tree);
    const gone = new Set(before.map(({ path }) => path));
    const known = new Set(before.map(({ path, mode, oid }) => `${mode} ${oid} ${path}`));
    const changed = now.filter(({ path, mode, oid }) => !known.has(`${mode} ${oid} ${path}`)).map(({ path }) => path);
    for (const { path } of now) gone.delete(path);
    const overlap = paths === null || [...changed, ...gone].some((path) => paths.has(path));
    return changedMeanwhile(row.tree, what, row, { changed: changed.slice(0, FILES_SHOWN), overlap });
  }

  private assertSize(edit: FileEdit): void {
    const kptfile = edit.written.find(({ path }) => path === KPTFILE);
    if (kptfile) assertKptfileSize(kptfile.content.byteLength);
    const bytes =
      edit.written.reduce((sum, file) => sum + file.content.byteLength, 0) +
      edit.kept.reduce((sum, file) => sum + file.sizeBytes, 0);
    const { maxPackageBytes } = this.limits;
    if (bytes <= maxPackageBytes) return;
    throw new DomainError(
      'packageTooLarge',
      `The package would have ${bytes} bytes; ${maxPackageBytes} is the limit.`,
      {
        sizeBytes: bytes,
        maxPackageBytes,
      },
    );
  }
}
