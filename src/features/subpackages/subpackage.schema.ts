import { z } from 'zod';
import { text } from '../../http/schema/text.js';
import { upstreamHead, upstreamPlace, upstreamRevision } from '../package-revisions/package-revision.request.schema.js';

export const subpackageRequest = z
  .strictObject({
    path: text(1024)
      .min(1)
      .meta({ description: 'A folder of the draft that is not there yet.', examples: ['database'] }),
    upstream: z
      .union([upstreamRevision, upstreamHead, upstreamPlace])
      .meta({ id: 'SubpackageUpstream', description: 'What the folder is to hold.' }),
  })
  .meta({ id: 'SubpackageCreateRequest', description: 'A package to put into a folder of a draft.' });

export type SubpackageRequest = z.output<typeof subpackageRequest>;
