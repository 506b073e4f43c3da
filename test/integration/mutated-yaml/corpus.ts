const nested = (open: string, count: number, end = ''): string => `${open.repeat(count)}${end.repeat(count)}`;

/** Files to begin with: as people write them, and as nobody should. */
export const CORPUS: readonly string[] = [
  'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  namespace: shop\n  labels: {app: web, "tier": \'front\'}\n' +
    'spec:\n  replicas: 3\n  template:\n    spec:\n      containers:\n      - name: web\n        image: nginx:1.27 # pinned\n' +
    '        args: ["--port", "80"]\n        env:\n        - {name: A, value: "b"}\n',
  'apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: base\n  annotations:\n    config.kubernetes.io/local-config: "true"\n' +
    'info:\n  description: >-\n    Two\n    lines\n  readinessGates:\n  - conditionType: Ready\nupstream:\n  type: git\n  git: {repo: https://git.example/x.git, directory: a, ref: a/v1}\n',
  'apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: one}\n- apiVersion: v1\n  kind: Secret\n  metadata:\n    name: two\n',
  '# documents\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  script: |\n    #!/bin/sh\n    echo "[{"\n\n  more: |2-\n      indented\n' +
    '---\n...\n---\n{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "j\\u00e4"}}\n',
  'defaults: &defaults\n  cpu: 100m\n  list: &list [a, b]\nweb:\n  <<: *defaults\n  more: *list\napiVersion: v1\nkind: X\nmetadata: {name: anchored}\n',
  'apiVersion: v1\r\nkind: ConfigMap\r\nmetadata:\r\n  name: windows\r\ndata:\r\n  a: "1\r\n    2"\r\n',
  '\ufeffapiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: marked\n  labels:\n    y: yes\n    on: 0644\n    n: 1_000\n    z: ~\n    y: twice\n',
  '%YAML 1.2\n---\n!!map\n? apiVersion\n: !!str v1\n? !own kind\n: "ConfigMap"\n? [complex, key]\n: value\n? metadata\n: name: explicit\n',
  'a0: &a0 [x, x, x, x, x, x, x, x, x]\n' +
    Array.from({ length: 8 }, (_, index) => `a${index + 1}: &a${index + 1} [${`*a${index}, `.repeat(9)}]\n`).join(''),
  `apiVersion: v1\nkind: Deep\nspec: ${nested('[{a: ', 30, '}]')}\n`,
  `${nested('- ', 60)}a\n`,
  `${nested('? ', 40)}a\n`,
  `data: "${'long \\n line '.repeat(400)}"\nkind: Long\napiVersion: v1\n`,
  `k: '${"it''s ".repeat(300)}'\nplain: ${'word '.repeat(400)}\n`,
  '- "unclosed\n- {a: b\n- [c\n- \'d\n',
  'image: {{ .Values.image }}\n{{- if eq .Values.kind "x" }}\nkind: {{ .Values.kind | quote }}\n{{- end }}\n',
  'a:\tb\n\tc: d\nkey with spaces : value # c\n"q": !x &y z\n*y : w\n',
];
