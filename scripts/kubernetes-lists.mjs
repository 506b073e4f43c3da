// Writes src/krm/diff/kubernetes-lists.ts: how the lists of Kubernetes' own types are matched, and which of their fields are
// quantities. It reads the structured-merge schema that the Go module k8s.io/client-go ships, through `go`:
//   node scripts/kubernetes-lists.mjs [version, such as v0.37.2; the latest if left out]
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from 'js-yaml';

const MODULE = 'k8s.io/client-go';
const QUANTITY = 'io.k8s.apimachinery.pkg.api.resource.Quantity';
const OUTPUT = join(import.meta.dirname, '../src/krm/diff/kubernetes-lists.ts');

const { Dir: directory, Version: version } = download(process.argv[2] ?? 'latest');
const configurations = join(directory, 'applyconfigurations');
const source = readFileSync(join(configurations, 'internal/internal.go'), 'utf8');
const yaml = source.slice(source.indexOf('`') + 1, source.lastIndexOf('`'));
const types = new Map(load(yaml).types.map((type) => [type.name, type]));

const kept = interesting();
const lines = [...kept].sort().map((name) => [short(name), ...fieldsOf(types.get(name))].join(' '));
const kubernetes = version.replace(/^v0\./, '1.');
writeFileSync(
  OUTPUT,
  `// Written by scripts/kubernetes-lists.mjs from ${MODULE} ${version} (Apache-2.0): change that, not this.

/** The version of Kubernetes whose types these are. */
export const KUBERNETES_VERSION = '${kubernetes}';

/** The API groups by the names that their types have here. */
export const API_GROUPS =
  '${groups()}';

/**
 * The types with a list that is matched by keys, or a quantity, in them; a line each. Behind a field's name stands what it
 * is: \`>T\` of type T, \`*T\` a map of T, \`[a,b=B]T\` a list of T by its keys a and b (B where b is not given), \`{}\` a set,
 * \`#\` a quantity. Other lists of these types are compared as a whole.
 */
export const TYPES = \`
${lines.join('\n')}
\`;
`,
);

function download(wanted) {
  const folder = mkdtempSync(join(tmpdir(), 'client-go-'));
  try {
    writeFileSync(join(folder, 'go.mod'), 'module lists\n');
    const answer = execFileSync('go', ['mod', 'download', '-json', `${MODULE}@${wanted}`], {
      cwd: folder,
      env: { ...process.env, GOFLAGS: '-mod=mod' },
      encoding: 'utf8',
    });
    return JSON.parse(answer);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Types that hold anything to tell, themselves or in their parts. */
function interesting() {
  const found = new Set();
  for (let size = -1; size !== found.size;) {
    size = found.size;
    for (const [name, { map }] of types) {
      if (name.startsWith('__')) continue;
      if (map?.fields?.some(({ type }) => describe(type, found) !== undefined)) found.add(name);
    }
  }
  return found;
}

function fieldsOf({ map }) {
  return map.fields.flatMap(({ name, type }) => {
    const what = describe(type, kept);
    return what === undefined ? [] : [`${name}${what}`];
  });
}

function describe({ namedType, list, map }, known) {
  const named = (name) => (known.has(name) ? short(name) : '');
  if (namedType === QUANTITY) return '#';
  if (namedType !== undefined) return known.has(namedType) ? `>${short(namedType)}` : undefined;
  if (list?.elementRelationship === 'associative') {
    const { keys, elementType } = list;
    return keys === undefined
      ? '{}'
      : `[${keys.map((key) => keyOf(key, elementType)).join(',')}]${named(elementType.namedType)}`;
  }
  if (map?.elementType === undefined) return undefined;
  if (map.elementType.namedType === QUANTITY) return '*#';
  return known.has(map.elementType.namedType) ? `*${short(map.elementType.namedType)}` : undefined;
}

function keyOf(key, { namedType }) {
  const value = types.get(namedType)?.map.fields.find(({ name }) => name === key)?.default;
  return value === undefined || value === '' || value === 0 ? key : `${key}=${value}`;
}

function short(name) {
  return name.replace('io.k8s.api.', '').replace('io.k8s.apimachinery.pkg.apis.', '');
}

/** The group of each package, as the constructors of its types write it. */
function groups() {
  const found = new Map();
  for (const group of readdirSync(configurations)) {
    for (const version of directoriesOf(join(configurations, group))) {
      for (const file of readdirSync(join(configurations, group, version))) {
        const text = readFileSync(join(configurations, group, version, file), 'utf8');
        const [, type] = /Parser\(\)\.Type\("io\.k8s\.api\.([^.]+)\./.exec(text) ?? [];
        const [, apiVersion] = /\.WithAPIVersion\("([^"]+)"\)/.exec(text) ?? [];
        if (type !== undefined && apiVersion !== undefined) found.set(type, apiVersion.replace(/\/?[^/]+$/, ''));
      }
    }
  }
  return [...found]
    .sort()
    .map(([name, group]) => `${name}=${group}`)
    .join(' ');
}

function directoriesOf(path) {
  if (!statSync(path).isDirectory()) return [];
  return readdirSync(path).filter((name) => statSync(join(path, name)).isDirectory());
}
