import { z } from 'zod';
import { MERGE_SIDES, UPGRADE_STRATEGIES } from '../../../domain/upgrade.js';
import { choice, openChoice } from '../../../http/schema/choice.js';
import { identifier } from '../../../http/schema/fields.js';
import { CHANGE_CLASSES } from '../../../krm/diff/classes/change-class.js';

const MOST_RESOLUTIONS = 5_000;

export const upgradeStrategy = choice(
  'UpgradeStrategy',
  UPGRADE_STRATEGIES,
  '`resource-merge`: field by field. `fast-forward`: refused if anything was changed here. `force-delete-replace`: all of the ' +
    "upstream's. `copy-merge`: the upstream's files over those here.",
);

const side = choice(
  'MergeSide',
  MERGE_SIDES,
  '`base`: what it was made from. `ours`: as it is here. `theirs`: as the new upstream has it.',
);

const taken = {
  take: openChoice('Take', [...MERGE_SIDES, 'value', 'absent'], 'A side, `value`, or `absent`: it is not to be there.'),
  value: z
    .unknown()
    .optional()
    .meta({ description: 'With `value`: any YAML.', examples: [3] }),
};

export const resolution = z
  .strictObject(taken)
  .refine(({ take, value }) => (take === 'value') === (value !== undefined), {
    error: 'With `take: value` there is a value, and with nothing else.',
    path: ['value'],
  })
  .meta({ id: 'ResolutionRequest', description: 'What is to be taken of a conflict.', examples: [{ take: 'theirs' }] });

export const resolutionResponse = z
  .strictObject(taken)
  .meta({ id: 'Resolution', description: 'What is taken of a conflict.', examples: [{ take: 'theirs' }] });

const isClass = (text: string): boolean => (CHANGE_CLASSES as readonly string[]).includes(text);
const classes = <Key extends z.ZodType<string>>(key: Key) =>
  z
    .record(key, side)
    .optional()
    .meta({ description: 'By class; goes before `all`.', examples: [{ image: 'theirs' }] });
const DEFAULTS = {
  description: 'What is taken of the conflicts that have no resolution of their own.',
  examples: [{ all: 'ours', classes: { image: 'theirs' } }],
};

export const defaultResolution = z
  .strictObject({
    all: side.optional(),
    classes: classes(z.string().refine(isClass, { error: `One of ${CHANGE_CLASSES.join(', ')}.` })),
  })
  .meta({ id: 'DefaultResolutionRequest', ...DEFAULTS });

export const defaultResolutionResponse = z
  .strictObject({ all: side.optional(), classes: classes(z.string()) })
  .meta({ id: 'DefaultResolution', ...DEFAULTS });

const conflictId = z.string().regex(/^[0-9a-f]{16}$/, { error: 'The id of a conflict has 16 hexadecimal digits.' });

export const resolutions = <Value extends z.ZodType>(id: string, value: Value) =>
  z
    .record(conflictId, value)
    .refine((given) => Object.keys(given).length <= MOST_RESOLUTIONS, { error: `At most ${MOST_RESOLUTIONS}.` })
    .meta({
      id,
      description: 'By the ids of conflicts.',
      examples: [{ '5f0c1a2b3d4e5f60': { take: 'theirs' } }],
    });

export const resolutionsRequest = resolutions('Resolutions', resolution);

export const newUpstream = z
  .union([
    z.literal('newest'),
    z
      .strictObject({ revisionId: identifier('A published package revision.') })
      .meta({ id: 'UpgradeTarget', description: 'A published revision.' }),
  ])
  .meta({
    id: 'UpgradeUpstream',
    description: '`newest`: the latest of the package that it was made from.',
    examples: ['newest'],
  });

/** What every upgrade may say beside its new upstream. */
export const upgradeFields = {
  strategy: upgradeStrategy.default('resource-merge'),
  allowOtherPackage: z
    .boolean()
    .default(false)
    .meta({ description: 'Although the upstream is another package.', examples: [false] }),
  resolutions: resolutionsRequest.default({}),
  defaultResolution: defaultResolution.default({}),
};
