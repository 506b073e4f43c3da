import { Injectable } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import { DomainError, refusal } from '../../domain/errors.js';
import { found } from '../../domain/found.js';
import { packageDirectory } from '../../domain/identity.js';
import { shortRef } from '../../domain/ref-layout.js';
import {
  type DeliveredPackage,
  type DeliveryTool,
  type DeliveryTrack,
  kubernetesName,
} from '../../krm/delivery/delivered-package.js';
import { type Delivered, deliveryManifests, toYamlStream } from '../../krm/delivery/delivery-manifests.js';
import { type DeliverableRow, DeliveryManifestStore } from './delivery-manifest.store.js';

/** Packages in one answer. */
const MOST = 5_000;

export interface DeliveryChoice {
  tool: DeliveryTool;
  track: DeliveryTrack;
  namespace?: string | undefined;
  secretName?: string | undefined;
  destinationNamespace?: string | undefined;
}

/** The manifests by which delivery tools fetch packages. They follow from the index alone. */
@Injectable()
export class DeliveryManifestService {
  constructor(private readonly store: DeliveryManifestStore) {}

  async ofPackage(id: string, choice: DeliveryChoice): Promise<string> {
    const row = found(await this.store.find(id), 'package', id);
    assertThere(row, choice.track);
    return written(choice, deliveredOf(row, choice));
  }

  /** Of what the caller may see in a repository; what has nothing to follow is left out. */
  async ofRepository(
    repositoryId: string,
    { target, ...choice }: DeliveryChoice & { target?: string | undefined },
    caller: Caller,
  ): Promise<string> {
    const { track } = choice;
    const visible = caller.visibility('packages.read');
    const rows = await this.store.inRepository({ repositoryId, target, track }, visible, MOST + 1);
    if (rows.length > MOST) {
      const message = `The repository holds more than ${MOST} packages: ask for those of one target after another.`;
      throw refusal('invalidQuery', 'target', 'required', message);
    }
    if (rows.length === 0) {
      const where = target === undefined ? 'The repository' : `The target "${target}"`;
      throw new DomainError('stateConflict', `${where} holds nothing that ${HOLDS[track]}.`);
    }
    return written(choice, { packages: rows.map((row) => deliveredOf(row, choice)), target });
  }
}

const HOLDS: Readonly<Record<DeliveryTrack, string>> = {
  tag: 'is published',
  ref: 'is on the ref of the repository',
};

function assertThere({ path, tag, hasHead }: DeliverableRow, track: DeliveryTrack): void {
  if (track === 'tag' ? tag !== null : hasHead) return;
  const message =
    track === 'tag'
      ? `Nothing of "${path}" is published, so there is no tag to follow. Publish it, or follow the ref (\`track=ref\`).`
      : `The repository's ref holds nothing of "${path}". Follow its latest publication (\`track=tag\`).`;
  throw new DomainError('stateConflict', message);
}

function deliveredOf(
  row: DeliverableRow,
  { track, secretName, destinationNamespace }: DeliveryChoice,
): DeliveredPackage {
  const { id, repository, url, target, ref, tag, hasCredential } = row;
  return {
    ...{ id, repository, url, target },
    directory: packageDirectory(row.directory, row.path),
    follows: track === 'tag' && tag !== null ? { tag: shortRef(tag) } : { branch: ref },
    secret: secretName ?? (hasCredential ? kubernetesName(`git-${repository}`, url) : null),
    into: destinationNamespace ?? null,
  };
}

/** As YAML; a comment names the Secrets that the manifests need and do not make. */
function written({ tool, namespace }: DeliveryChoice, delivered: Delivered): string {
  const manifests = deliveryManifests(tool, delivered, namespace);
  const all = 'packages' in delivered ? delivered.packages : [delivered];
  const secrets = new Set(all.flatMap(({ secret }) => secret ?? []));
  const [first] = manifests;
  // Argo CD finds the credential of a URL by itself.
  if (tool === 'argocd' || !first) return toYamlStream(manifests);
  const { namespace: place } = first.metadata;
  const comments = [...secrets].map((secret) => `# The Secret ${place}/${secret} is to hold the credential.\n`);
  return comments.join('') + toYamlStream(manifests);
}
