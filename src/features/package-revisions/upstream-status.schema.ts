import { z } from 'zod';
import { UPSTREAM_STATES } from '../../domain/upstream-status.js';
import { openChoice } from '../../http/schema/choice.js';
import { EXAMPLE_ID, identifier } from '../../http/schema/fields.js';
import { listOf } from '../../http/schema/query.js';

export const upstreamState = openChoice(
  'UpstreamState',
  UPSTREAM_STATES,
  '`upToDate`: nothing newer is published. `behind`: something newer is. `diverged`: what it was made from is no longer what ' +
    'that revision holds, or was a head that no publication equals. `gone`: the upstream package or its revision is not there ' +
    'any more. `none`: it was made from nothing. `unknown`: its place in Git is not registered, or no version can be compared.',
);

const named = z
  .strictObject({
    revisionId: identifier('The id of the package revision.'),
    revision: z.string().meta({ description: 'Its revision.', examples: ['v3'] }),
  })
  .meta({ id: 'UpstreamVersion', description: 'A published revision of the upstream package.' });

export const upstreamStatus = z
  .strictObject({
    state: upstreamState,
    behind: z
      .int()
      .min(0)
      .nullable()
      .meta({
        description:
          'How many published versions are newer than the one that it was made from; pre-releases count where it was made from ' +
          'one. `null` where that cannot be told, or you may not see the upstream package.',
        examples: [2],
      }),
    current: named.nullable().meta({
      description:
        'The publication that it was made from; `null` where it is none, or not any more, or you may not see it.',
      examples: [{ revisionId: EXAMPLE_ID, revision: 'v1' }],
    }),
    newest: named.nullable().meta({
      description: 'The newest one; `null` where there is none, or you may not see it.',
      examples: [{ revisionId: EXAMPLE_ID, revision: 'v3' }],
    }),
  })
  .meta({
    id: 'UpstreamStatus',
    description: 'How what a package was made from stands beside what is published there.',
  });

export const upstreamStates = listOf(upstreamState).meta({
  description: 'Only with an upstream in these states: that of the package, or of a subpackage.',
  examples: [['behind', 'diverged']],
});
