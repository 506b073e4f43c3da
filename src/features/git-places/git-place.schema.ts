import { z } from 'zod';
import { identifier } from '../../http/schema/fields.js';
import { text } from '../../http/schema/text.js';

/** A place in Git from which a package is taken. */
export const gitPlace = z
  .strictObject({
    url: text(2048)
      .min(1)
      .meta({
        description: 'The URL of the repository: https or ssh (http of allowed hosts), without a secret.',
        examples: ['https://github.com/example/blueprints.git'],
      }),
    ref: text(255)
      .min(1)
      .meta({
        description: 'A tag, whole or without the directory that it begins with, or else a branch.',
        examples: ['v1'],
      }),
    directory: text(1024).meta({
      description: "The package's directory; empty: the whole repository is the package.",
      examples: ['nf/core'],
    }),
    credentialId: identifier('The credential to sign in with; left out: none.').optional(),
  })
  .meta({ id: 'GitPlace', description: 'A directory of a Git repository that need not be registered.' });
