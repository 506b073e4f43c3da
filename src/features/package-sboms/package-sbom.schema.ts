import { z } from 'zod';
import { choice } from '../../http/schema/choice.js';
import { SBOM_FORMATS } from '../../krm/sbom/sbom.js';

const format = choice('SbomFormat', SBOM_FORMATS, 'A form of SBOMs.');

export const sbomQuery = z.strictObject({
  format: format.optional().meta({
    description: 'In which form. Else what `Accept` likes best.',
    examples: ['spdx'],
  }),
});

export type SbomQuery = z.output<typeof sbomQuery>;
