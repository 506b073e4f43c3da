import { Injectable } from '@nestjs/common';
import { ContentReader } from '../../../content/content.reader.js';
import { ContentService, type NewFile } from '../../../content/content.service.js';
import { type ContentFile, isFile } from '../../../content/content.js';
import { ContentStore } from '../../../content/content.store.js';
import { DomainError } from '../../../domain/errors.js';
import { isSafePath } from '../../../domain/file-path.js';
import { storableText } from '../../../domain/storable-text.js';
import { lfsConditions } from '../../../domain/lfs-pointers.js';
import type { Condition, Upstream } from '../../../domain/revision.js';
import { assertKptfileSize, KPTFILE, newKptfile } from '../../../krm/kptfile.js';
import type { NameEdit } from '../../../krm/thread-jobs.js';
import { PACKAGE_CONTEXT, packageContext } from '../../../krm/package-context.js';

/** An upstream whose content is known. */
export type PinnedUpstream = Upstream & { commit: string; tree: string };

export const isPinned = (upstream: Upstream): upstream is PinnedUpstream =>
  upstream.commit !== null && upstream.tree !== null;

/** The files of a package: new bytes, and entries that are stored already. */
export interface PackageFiles {
  written: NewFile[];
  kept: ContentFile[];
}

/** The package that content is made for. `deployment`: its repository delivers to targets. */
export interface Destination {
  package: string;
  deployment: boolean;
}

/** The content that a new package begins with. Gives the tree's OID. */
@Injectable()
export class PackageContent {
  constructor(
    private readonly contents: ContentService,
    private readonly store: ContentStore,
    private readonly reader: ContentReader,
  ) {}

  async init(destination: Destination, info: { description?: string; keywords?: string[] }): Promise<string> {
    const name = destination.package;
    const files = [textFile(KPTFILE, newKptfile({ name, ...info }))];
    if (destination.deployment) files.push(textFile(PACKAGE_CONTEXT, packageContext(name)));
    return (await this.contents.savePackage(files)).oid;
  }

  /** What a rehearsal has in place of what is not read yet. */
  async nothing(): Promise<string> {
    return (await this.contents.savePackage([])).oid;
  }

  /** The upstream's files as they are, byte for byte, but for what names the package and its upstream. */
  async clone(destination: Destination, upstream: PinnedUpstream): Promise<string> {
    const { name, written, kept } = await this.named(destination.package, upstream);
    if (destination.deployment) {
      const context = kept.find((entry) => entry.path === PACKAGE_CONTEXT && isFile(entry));
      const text = context ? await this.renamed(context, { file: PACKAGE_CONTEXT, name }) : packageContext(name);
      written.push(textFile(PACKAGE_CONTEXT, text, context?.mode));
    }
    const names = new Set(written.map((file) => file.path));
    return (
      await this.contents.savePackage(
        written,
        kept.filter((entry) => !names.has(entry.path)),
      )
    ).oid;
  }

  /** The files of an upstream for a folder of another package. Throws `invalidPackage` where nothing could say where it is from. */
  async subpackage(name: string, upstream: PinnedUpstream): Promise<PackageFiles> {
    const files = await this.named(name, upstream);
    if (files.written.length > 0) return files;
    throw new DomainError(
      'invalidPackage',
      `"${upstream.directory}" has no ${KPTFILE}, so that its folder could not say where it was made from.`,
    );
  }

  /** What the upstream holds, with a `Kptfile` that says what it is and where it is from. */
  private async named(name: string, upstream: PinnedUpstream): Promise<PackageFiles & { name: string }> {
    const entries = await this.store.filesOf(upstream.tree);
    assertMovable(entries);
    const kptfile = entries.find((entry) => entry.path === KPTFILE && isFile(entry));
    if (!kptfile) return { name, written: [], kept: entries };
    assertKptfileSize(kptfile.sizeBytes);
    const { url: repo, directory, ref, commit } = upstream;
    const edit: NameEdit = { file: KPTFILE, name, upstream: { repo, directory, ref, commit } };
    const written = [textFile(KPTFILE, await this.renamed(kptfile, edit), kptfile.mode)];
    return { name, written, kept: entries.filter((entry) => entry !== kptfile) };
  }

  /** The conditions that a new clone gets: it names files whose bytes stay in the LFS store of the upstream's repository. */
  async remarks(tree: string, upstream: Upstream | null, repository: { url: string }): Promise<Condition[]> {
    if (upstream === null || upstream.url === repository.url) return [];
    return lfsConditions(await this.reader.lfsPointers(tree), tree);
  }

  private async renamed({ oid }: ContentFile, edit: NameEdit): Promise<string> {
    return this.contents.rename(await this.reader.content(oid), edit);
  }
}

/** Throws `invalidPackage` for what another repository cannot be given. */
function assertMovable(entries: readonly ContentFile[]): void {
  const unsafe = entries.find(({ path }) => !isSafePath(path));
  const large = entries.find(({ hidden }) => hidden === 'TooLarge');
  const path = storableText(unsafe?.path ?? large?.path ?? '');
  if (unsafe) {
    throw new DomainError('invalidPackage', `The upstream holds "${path}", which no client of Git checks out.`);
  }
  if (large) {
    throw new DomainError('invalidPackage', `The upstream holds "${path}", which is larger than a package may be.`);
  }
}

const textFile = (path: string, text: string, mode = '100644'): NewFile => ({ path, mode, content: Buffer.from(text) });
