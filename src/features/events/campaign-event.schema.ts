import { z } from 'zod';
import { CAMPAIGN_ITEM_STATES, CAMPAIGN_STATES } from '../../domain/campaign.js';
import { identifier } from '../../http/schema/fields.js';

export const campaign = z
  .strictObject({
    id: identifier('Its id.'),
    name: z.string().meta({ description: 'Its name.', examples: ['web-v2'] }),
    state: z
      .enum(CAMPAIGN_STATES)
      .meta({ description: 'Its state.', openapi: { type: 'string' }, examples: ['running'] }),
    wave: z
      .int()
      .optional()
      .meta({ description: 'Of a wave, or an item: which wave, from 0.', examples: [0] }),
    reason: z
      .enum(['asked', 'failures', 'unhealthy'])
      .optional()
      .meta({ description: 'Of `paused`: why.', openapi: { type: 'string' }, examples: ['failures'] }),
    packageRevisionId: identifier('The draft that was made for an item, or the revision that it became.').optional(),
    item: z
      .strictObject({
        id: identifier('Its id.'),
        packageId: identifier('Its package.'),
        repositoryId: identifier('The repository it is in.'),
        path: z.string().meta({ description: "The package's path.", examples: ['edge-1/nf/core'] }),
        state: z
          .enum(CAMPAIGN_ITEM_STATES)
          .meta({ description: 'Its state.', openapi: { type: 'string' }, examples: ['done'] }),
        error: z
          .string()
          .optional()
          .meta({ description: 'The `code` of the problem, where it failed or was set aside.', examples: ['drift'] }),
      })
      .optional()
      .meta({ id: 'EventCampaignItem', description: 'What is done to one package.' }),
  })
  .meta({ id: 'EventCampaign', description: 'What a campaign event tells.' });
