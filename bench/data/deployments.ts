import type { Random } from './random.js';

/** So many Deployments by file, each with two containers and what they are usually told. */
export function deployments(count: number, random: Random): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`workloads/${index}.yaml`, deployment(`web-${index}`, random)]),
  );
}

/** The same with another image in each, and other replicas in some. */
export function released(files: Readonly<Record<string, string>>, random: Random): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files).map(([path, text]) => {
      const replicas = random.whole(0, 3) === 0 ? 'replicas: 7' : 'replicas: 3';
      return [path, text.replace(/:v\d+/, `:v${random.whole(100, 999)}`).replace('replicas: 3', replicas)];
    }),
  );
}

/** The same as somebody has made it fit their place: other limits, one variable, and a label in each. */
export function tuned(files: Readonly<Record<string, string>>, random: Random): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files).map(([path, text]) => [
      path,
      text
        .replace('memory: 1Gi', `memory: ${random.whole(2, 9)}Gi`)
        .replace(/value: "\w+"/, `value: "${random.word(24)}"`)
        .replace('  labels:\n', `  labels:\n    site: ${random.word(8)}\n`),
    ]),
  );
}

function deployment(name: string, random: Random): string {
  const variables = Array.from(
    { length: 12 },
    (_, index) => `            - name: ${random.word(8).toUpperCase()}_${index}\n              value: "${random.word(24)}"`,
  );
  const container = (part: string) =>
    [
      `        - name: ${part}`,
      `          image: ghcr.io/example/${random.word(12)}:v${random.whole(1, 99)}`,
      '          ports:\n            - containerPort: 8080\n              name: http\n            - containerPort: 9090\n              name: metrics',
      `          env:\n${variables.join('\n')}`,
      '          resources:\n            requests: {cpu: 100m, memory: 128Mi}\n            limits: {cpu: "1", memory: 1Gi}',
      '          securityContext:\n            runAsNonRoot: true\n            allowPrivilegeEscalation: false',
    ].join('\n');
  return [
    'apiVersion: apps/v1\nkind: Deployment',
    `metadata:\n  name: ${name}\n  labels:\n    app.kubernetes.io/name: ${name}\n    app.kubernetes.io/part-of: ${random.word(8)}`,
    `spec:\n  replicas: 3\n  selector:\n    matchLabels:\n      app: ${name}`,
    `  template:\n    metadata:\n      labels:\n        app: ${name}\n    spec:\n      containers:`,
    container('main'),
    container('side'),
    '',
  ].join('\n');
}
