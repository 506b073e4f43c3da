import { z } from 'zod';
import { textFilter } from '../../http/schema/query.js';
import { nullableText, count } from '../../http/schema/fields.js';
import { text } from '../../http/schema/text.js';
import { treeOid } from '../package-revisions/package-revision.schema.js';
import { executable, lfsPointer, oid, parseError, parseWarnings, sizeBytes } from './resources.schema.js';

const path = z.string().meta({ description: 'Its path in the package.', examples: ['settings.yaml'] });

const fileResponse = z
  .strictObject({ path, executable, oid, sizeBytes, parseError: parseError.nullable(), parseWarnings, lfsPointer })
  .meta({ id: 'PackageFile', description: 'A file of a package, without its content.' });

export const fileListResponse = z
  .strictObject({
    items: z.array(fileResponse).meta({ description: 'The files, by path.' }),
    etag: treeOid('The Git tree OID.'),
  })
  .meta({ id: 'PackageFileList', description: 'The files of a package.' });

export type FileListResponse = z.output<typeof fileListResponse>;

export const fileQuery = z.strictObject({
  path: text(4096)
    .min(1)
    .meta({ description: 'The path of the file.', examples: ['settings.yaml'] }),
});

const objectResponse = z
  .strictObject({
    path,
    position: count('Its place in the file: documents, and the items of lists.', 0),
    apiVersion: z.string().meta({ description: 'Its apiVersion.', examples: ['v1'] }),
    kind: z.string().meta({ description: 'Its kind.', examples: ['ConfigMap'] }),
    namespace: nullableText('metadata.namespace.', 'core'),
    name: nullableText('metadata.name.', 'settings'),
    labels: z.record(z.string(), z.string()).meta({ description: 'metadata.labels.', examples: [{ app: 'core' }] }),
    annotations: z
      .record(z.string(), z.string())
      .meta({ description: 'metadata.annotations.', examples: [{ owner: 'ada' }] }),
  })
  .meta({ id: 'KrmObject', description: 'A Kubernetes object in a file of a package.' });

export const objectListResponse = z
  .strictObject({
    items: z.array(objectResponse).meta({ description: 'The objects, by file and place in it.' }),
    etag: treeOid('The Git tree OID.'),
  })
  .meta({ id: 'KrmObjectList', description: 'The Kubernetes objects of a package.' });

export type ObjectListResponse = z.output<typeof objectListResponse>;

export const objectQuery = z.strictObject({
  kind: textFilter(255, 'Only of this kind.', 'ConfigMap'),
  name: textFilter(255, 'Only of this name.', 'settings'),
});
