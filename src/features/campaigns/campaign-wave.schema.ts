import { z } from 'zod';
import { MOST_ITEMS } from '../../domain/bulk.js';
import type { WaveSettings } from '../../domain/campaign.js';
import { isQualifiedName } from '../../domain/labels.js';
import { openChoice } from '../../http/schema/choice.js';
import { selector } from '../../http/schema/query.js';
import { text } from '../../http/schema/text.js';

const MOST_WAVES = 50;
const MOST_CONDITIONS = 20;
const MOST_PARALLEL = 1_000;
const MOST_SOAK_S = 30 * 24 * 60 * 60;

export const conditionType = z
  .string()
  .refine(isQualifiedName, { error: 'A name of at most 63 characters, optionally behind a DNS prefix and a slash.' });

const gate = z
  .strictObject({
    minHealthyPercent: z
      .int()
      .min(0)
      .max(100)
      .default(0)
      .meta({ description: 'How many of its published packages have to be reported healthy.', examples: [95] }),
    conditions: z
      .array(conditionType)
      .max(MOST_CONDITIONS)
      .default([])
      .meta({ description: 'What checkers have to have said of the wave.', examples: [['example.com/error-rate']] }),
  })
  .meta({ id: 'WaveGateRequest', description: 'What has to hold before the next wave begins.' });

const wave = z
  .strictObject({
    name: text(63)
      .min(1)
      .meta({ description: 'Its name.', examples: ['canary'] }),
    labelSelector: selector(
      'What belongs to it, of what no wave before has taken: by the labels of packages, and of their targets.',
    ),
    percent: z
      .int()
      .min(1)
      .max(100)
      .optional()
      .meta({ description: 'A share of all packages, rounded up.', examples: [10] }),
    count: z
      .int()
      .min(1)
      .max(MOST_ITEMS)
      .optional()
      .meta({ description: 'So many packages.', examples: [5] }),
    maxParallel: z
      .int()
      .min(1)
      .max(MOST_PARALLEL)
      .default(10)
      .meta({ description: 'How many packages are at work at a time.', examples: [10] }),
    soakSeconds: z
      .int()
      .min(0)
      .max(MOST_SOAK_S)
      .default(0)
      .meta({ description: 'How long each package is watched once it is published.', examples: [600] }),
    gate: gate.default({ minHealthyPercent: 0, conditions: [] }),
    approval: openChoice(
      'WaveApproval',
      ['automatic', 'manual'],
      '`manual`: somebody has to let it begin (`continue`).',
    ).default('automatic'),
  } satisfies { [Name in keyof WaveSettings]-?: z.ZodType })
  .refine(({ percent, count }) => percent === undefined || count === undefined, {
    error: 'A share or a number, not both.',
    path: ['count'],
  })
  .meta({
    id: 'CampaignWaveRequest',
    description: 'Some of the packages, which go together. Without selector, share and number: all that are left.',
    examples: [{ name: 'canary', percent: 10, soakSeconds: 600 }],
  });

export const waves = z
  .array(wave)
  .min(1)
  .max(MOST_WAVES)
  .meta({ description: 'One after the other.', examples: [[{ name: 'canary', percent: 10 }, { name: 'rest' }]] });
