import { Injectable } from '@nestjs/common';
import { Sboms } from '../../content/sboms.js';
import { found } from '../../domain/found.js';
import { isoTime } from '../../domain/iso-time.js';
import { isPublished } from '../../domain/lifecycle.js';
import type { Upstream } from '../../domain/revision.js';
import type { Sbom, SbomFormat, SbomPackage } from '../../krm/sbom/sbom.js';
import { PackageRevisionStore } from '../../revisions/package-revision.store.js';

/** Bills of materials of revisions. They tell what whoever may read a revision reads there, and nothing of the caller. */
@Injectable()
export class PackageSbomService {
  constructor(
    private readonly store: PackageRevisionStore,
    private readonly sboms: Sboms,
  ) {}

  async sbom(id: string, format: SbomFormat): Promise<Sbom> {
    const row = found(await this.store.find(id), 'package revision', id);
    const { url, directory } = await this.store.repositoryOf(row);
    const { packageName: name, workspace, tree, upstream } = row;
    const about = {
      ...{ name, version: row.revision ?? workspace, repository: row.repositoryName, url, tree },
      directory: directory === '' ? row.path : `${directory}/${row.path}`,
      // A draft gets a commit when it is pushed, and remains the same.
      commit: isPublished(row.lifecycle) ? row.commit : null,
      time: isoTime(row.publishedAt ?? row.updatedAt),
      upstream: upstream && upstreamOf(upstream),
    };
    return this.sboms.write(tree, about, format);
  }
}

/** Named after its directory, or after its repository. */
function upstreamOf({ url, directory, ref, commit, tree }: Upstream): SbomPackage {
  const place = (directory === '' ? url.replace(/\.git\/?$/, '') : directory).replace(/\/+$/, '');
  const name = place.slice(place.lastIndexOf('/') + 1);
  return { name: name === '' ? url : name, version: ref, url, directory, commit: commit ?? ref, tree };
}
