import { z } from 'zod';
import { count } from '../../http/schema/fields.js';
import { choice } from '../../http/schema/choice.js';
import { draftSide } from '../package-revisions/package-revision.request.schema.js';
import { treeOid } from '../package-revisions/package-revision.schema.js';

const EXAMPLE_BLOB = '45b983be36b73c0788dc9cbcb76cbb80fc7bb057';
const EXAMPLE_CONTENT = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n';

const content = (what: string) => z.string().meta({ description: what, examples: [EXAMPLE_CONTENT] });
const encoding = choice(
  'FileEncoding',
  ['utf8', 'base64'],
  '`utf8`: `content` is the text itself. `base64`: it stands for bytes that are no text.',
);
export const sizeBytes = count('Its bytes.', 58);
export const oid = z.string().meta({ description: 'Its Git blob OID.', examples: [EXAMPLE_BLOB] });
export const executable = z.boolean().meta({ description: 'Whether it may be run as a program.', examples: [false] });
export const parseError = z.string().meta({
  description: 'Why it could not be read as YAML. The file is kept all the same.',
  examples: ['The file is not UTF-8 text.'],
});

export const parseWarnings = z.array(z.string()).meta({
  description: 'What `kubectl` reads in another way than it is written.',
  examples: [['The key "app" is given twice; the last counts (line 7).']],
});

export const lfsPointer = z.boolean().meta({
  description: 'Whether its bytes are kept by Git LFS.',
  examples: [false],
});

const byPath = <File extends z.ZodType>(file: File, what: string, example: unknown) =>
  z.record(z.string(), file).meta({ description: what, examples: [{ 'settings.yaml': example }] });

const fileExample = {
  content: EXAMPLE_CONTENT,
  encoding: 'utf8',
  sizeBytes: 58,
  oid: EXAMPLE_BLOB,
  executable: false,
};

const resourceFile = z
  .strictObject({
    content: content('The file.'),
    encoding,
    sizeBytes,
    oid,
    executable,
    parseError: parseError.optional(),
    parseWarnings: parseWarnings.optional(),
    lfsPointer: lfsPointer.optional(),
  })
  .meta({ id: 'ResourceFile', description: 'A file of a package, with its content.', examples: [fileExample] });

export const resourcesResponse = z
  .strictObject({ files: byPath(resourceFile, 'The files by path.', fileExample), etag: treeOid('The Git tree OID.') })
  .meta({ id: 'Resources', description: "A package's files, all of one moment." });

export const resourcesQuery = z.strictObject({
  side: draftSide.default('draft').meta({
    description: '`remote`: while the draft is in conflict, what the other writer pushed to its branch.',
    examples: ['draft'],
  }),
});

/** What reading a file says beyond its content; sending it back is no fault, and changes nothing. */
const readOnly = {
  sizeBytes: sizeBytes.optional().meta({ description: 'Ignored: what was read can be sent back.', examples: [58] }),
  oid: oid.optional().meta({ description: 'Ignored: what was read can be sent back.', examples: [EXAMPLE_BLOB] }),
  parseError: parseError.optional().meta({ description: 'Ignored.', examples: ['The file is not UTF-8 text.'] }),
  parseWarnings: parseWarnings.optional().meta({ description: 'Ignored.', examples: [[]] }),
  lfsPointer: lfsPointer.optional().meta({ description: 'Ignored.', examples: [false] }),
};

const inputExample = { content: EXAMPLE_CONTENT };
const mode = executable.optional().meta({
  description: 'Whether it may be run as a program; left out, it stays as it is.',
  examples: [false],
});

const fileReplacement = z
  .strictObject({
    content: content('The file.'),
    encoding: encoding.default('utf8').meta({ description: 'How `content` is written.' }),
    executable: mode,
    ...readOnly,
  })
  .meta({ id: 'FileReplacement', description: 'A file to write.', examples: [inputExample] });

const fileToWrite = z.union([content('The text.'), fileReplacement]).meta({
  id: 'FileToWrite',
  description: 'The text of a file, or all that can be said of it.',
  examples: [inputExample],
});

export const resourcesReplaceRequest = z
  .strictObject({
    files: byPath(fileToWrite, 'The files by path.', inputExample),
    etag: z
      .string()
      .optional()
      .meta({ description: 'Ignored; send If-Match.', examples: ['9d1f3c5b7e2a4d6f'] }),
  })
  .meta({ id: 'ResourcesReplaceRequest', description: 'All files of the package. What is not in it is deleted.' });

export type ResourcesReplaceRequest = z.output<typeof resourcesReplaceRequest>;

const filePatch = z
  .strictObject({
    content: content('The file; left out, it stays as it is.').optional(),
    encoding: encoding.nullable().optional().meta({ description: 'How `content` is written; `utf8` if left out.' }),
    executable: mode.nullable(),
    ...readOnly,
  })
  .meta({ id: 'FilePatch', description: 'What to change of a file.', examples: [inputExample] });

const fileEdit = z.union([content('The text.'), filePatch, z.null()]).meta({
  id: 'FileEdit',
  description: 'The text of a file, what to change of it, or `null` to delete it.',
  examples: [inputExample],
});

export const resourcesPatchRequest = z
  .strictObject({
    files: byPath(
      fileEdit,
      'The files to write by path; `null` deletes one, what is not named stays.',
      inputExample,
    ).optional(),
    etag: z
      .string()
      .optional()
      .meta({ description: 'Ignored; send If-Match.', examples: ['9d1f3c5b7e2a4d6f'] }),
  })
  .meta({ id: 'ResourcesPatchRequest', description: 'A merge patch (RFC 7386) of the files.' });

export type ResourcesPatchRequest = z.output<typeof resourcesPatchRequest>;

export const resourcesWritten = z
  .strictObject({
    etag: treeOid('The entity tag of the resources now: the Git tree OID.'),
    tree: treeOid('The Git tree OID, as the revision shows it.'),
    fileCount: count('How many files there are.', 4),
    sizeBytes: count('Their bytes together.', 5120),
    parseErrors: z.record(z.string(), z.string()).meta({
      description: 'By path: why a YAML file could not be read. Such files are stored all the same.',
      examples: [{ 'broken.yaml': 'The file is not UTF-8 text.' }],
    }),
    parseWarnings: z.record(z.string(), parseWarnings).meta({
      description: 'By path: what `kubectl` reads in another way.',
      examples: [{ 'odd.yaml': ['The key "on" is read as "true" by kubectl (line 3).'] }],
    }),
  })
  .meta({ id: 'ResourcesWritten', description: 'The package after the write.' });
