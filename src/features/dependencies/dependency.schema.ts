import { z } from 'zod';
import { openChoice } from '../../http/schema/choice.js';
import { count, identifier, nullableText, pageOf } from '../../http/schema/fields.js';
import { paging } from '../../http/schema/query.js';
import { NEED_KINDS } from '../../krm/dependencies/need.js';

const needKind = openChoice(
  'DependencyKind',
  NEED_KINDS,
  'Why one package needs another: `definition`, it uses a kind that the other defines; `namespace`, its objects go into a namespace of the other; ' +
    '`reference`, an object names one of the other; `role`, a binding gives a role or binds an account of the other; `serviceHost`, some text has the host ' +
    'name of a Service of the other; `package`, a `PackageDependency` says so; `upstream`, it was made from the other.',
);

const objectName = {
  apiVersion: z.string().meta({ description: 'Its apiVersion; empty for an upstream.', examples: ['v1'] }),
  kind: z.string().meta({ description: 'Its kind.', examples: ['ConfigMap'] }),
  namespace: nullableText('Its namespace; `null`: it has none, or none is written.', 'shop'),
  name: nullableText('Its name; `null` of a definition, which is named by the kind.', 'settings'),
};

const needed = z
  .strictObject(objectName)
  .meta({ id: 'NeededObject', description: 'What is needed: an object, a kind to be defined, or a package.' });

const neededBy = z
  .strictObject({ file: z.string().meta({ description: 'The file.', examples: ['web.yaml'] }), ...objectName })
  .meta({ id: 'NeedingObject', description: 'An object that needs something.' });

const place = z
  .strictObject({
    packageId: identifier('The package.'),
    repositoryId: identifier('The repository that it is in.'),
    path: z.string().meta({ description: 'Its path.', examples: ['edge-1/nf/core'] }),
    revision: nullableText('Its latest published revision.', 'v2'),
  })
  .meta({ id: 'DependencyPackage', description: 'A package, with its latest published revision.' });

const dependency = z
  .strictObject({
    kind: needKind,
    reason: z.string().meta({
      description: 'The same in a sentence.',
      examples: ['Deployment web names the ConfigMap settings.'],
    }),
    object: needed,
    by: neededBy.nullable().meta({ description: 'The first object that needs it; `null` for an upstream.' }),
    path: z.string().meta({
      description: 'The field of that object; empty for an upstream.',
      examples: ['spec.template.spec.volumes[0].configMap.name'],
    }),
    uses: count('How many fields of the package need it.', 1),
    optional: z.boolean().meta({ description: 'Whether it may be missing.', examples: [false] }),
    package: place.meta({ description: 'The package that needs it.' }),
    satisfiedBy: place.nullable().meta({ description: 'The package that has it; `null`: none that you may see.' }),
    missing: z.boolean().meta({
      description: 'Whether no package that you may see has it, and it is not optional.',
      examples: [false],
    }),
  })
  .meta({ id: 'Dependency', description: 'Something that a package needs and does not bring itself.' });

export const dependencyPage = pageOf('DependencyPage', 'dependencies', dependency);
export type DependencyPage = z.output<typeof dependencyPage>;
export type DependencyResponse = z.output<typeof dependency>;

export const dependencyQuery = z.strictObject(paging);
export type DependencyQuery = z.output<typeof dependencyQuery>;

const node = z
  .strictObject({
    ...place.shape,
    package: z.string().meta({ description: 'The last segment of its path.', examples: ['core'] }),
    missing: count('How much of what it needs no package that you may see has.', 0),
  })
  .meta({ id: 'DependencyNode', description: 'A package of a graph.' });

const edge = z
  .strictObject({
    from: identifier('The package that needs the other.'),
    to: identifier('The package that is needed.'),
    kinds: z.array(needKind).meta({ description: 'Why, each once.', examples: [['reference']] }),
    optional: z.boolean().meta({ description: 'Whether all of it may be missing.', examples: [false] }),
    needs: count('How many things it needs of it.', 2),
  })
  .meta({ id: 'DependencyEdge', description: 'A package that needs another.' });

export const dependencyGraph = z
  .strictObject({
    packages: z.array(node).meta({ description: 'The packages with a publication, by path.' }),
    edges: z.array(edge).meta({ description: 'Which of them needs which; one for each two.' }),
    order: z.array(identifier('A package.')).meta({
      description: 'The ids of all of them, each behind those that it needs; those of a cycle stand together.',
    }),
    cycles: z.array(z.array(identifier('A package.'))).meta({
      description: 'Packages that need themselves through others.',
    }),
    truncated: z.boolean().meta({
      description: 'Whether there are more than 2,000 packages, of which the first are shown.',
      examples: [false],
    }),
  })
  .meta({ id: 'DependencyGraph', description: 'What the packages of a target need of each other.' });
export type DependencyGraphResponse = z.output<typeof dependencyGraph>;
