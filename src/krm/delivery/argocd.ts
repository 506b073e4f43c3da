import { type DeliveredPackage, kubernetesName, type Manifest, nameOfDelivered } from './delivered-package.js';

/** kpt writes it for its functions; no cluster needs it. `*` matches slashes too. */
const EXCLUDED = '{package-context.yaml,*/package-context.yaml}';
const API_VERSION = 'argoproj.io/v1alpha1';
/** What a value of a template's element stands for. */
const FIELDS = ['name', 'package', 'revision', 'path', 'cluster'] as const;

/** The Application that delivers one package: to the cluster that Argo CD knows by its target's name, else to its own. */
export function application(delivered: DeliveredPackage, namespace: string): Manifest {
  const { name, package: id, ...element } = elementOf(delivered);
  return {
    ...{ apiVersion: API_VERSION, kind: 'Application' },
    metadata: { name, namespace, annotations: { 'pkgserver/package': id } },
    spec: specOf(delivered, element),
  };
}

/**
 * The ApplicationSet that makes an Application for each package of one repository, or of one target in it: each of these has a
 * name of its own, since the controller deletes the Applications that a set names no more. What they have delivered stays then.
 */
export function applicationSet(
  delivered: readonly DeliveredPackage[],
  target: string | undefined,
  namespace: string,
): Manifest[] {
  const [first] = delivered;
  if (!first) return [];
  const { url, repository } = first;
  const {
    name,
    package: id,
    ...placeholders
  } = Object.fromEntries(FIELDS.map((field) => [field, `{{.${field}}}`])) as unknown as Element;
  return [
    {
      ...{ apiVersion: API_VERSION, kind: 'ApplicationSet' },
      metadata: { name: target === undefined ? kubernetesName(repository, url) : ofTarget(first, target), namespace },
      spec: {
        syncPolicy: { preserveResourcesOnDeletion: true },
        goTemplate: true,
        goTemplateOptions: ['missingkey=error'],
        generators: [{ list: { elements: delivered.map(elementOf) } }],
        template: {
          metadata: { name, annotations: { 'pkgserver/package': id } },
          spec: specOf(first, placeholders),
        },
      },
    },
  ];
}

const ofTarget = ({ repository, url }: DeliveredPackage, target: string): string =>
  kubernetesName(`${repository}-${target}`, url, target);

/** What differs between the Applications of one repository. */
type Element = Record<(typeof FIELDS)[number], string>;

const elementOf = (delivered: DeliveredPackage): Element => ({
  name: nameOfDelivered(delivered),
  package: delivered.id,
  revision: 'tag' in delivered.follows ? delivered.follows.tag : delivered.follows.branch,
  path: delivered.directory === '' ? '.' : delivered.directory,
  // The name that Argo CD gives to the cluster that it runs in.
  cluster: delivered.target ?? 'in-cluster',
});

const specOf = (
  { url, into }: Pick<DeliveredPackage, 'url' | 'into'>,
  { revision, path, cluster }: Omit<Element, 'name' | 'package'>,
) => ({
  project: 'default',
  source: {
    repoURL: url,
    targetRevision: revision,
    path,
    directory: { recurse: true, exclude: EXCLUDED },
  },
  destination: { name: cluster, ...(into !== null && { namespace: into }) },
  syncPolicy: { automated: { prune: true, selfHeal: true } },
});
