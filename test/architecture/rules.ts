import { ringArrows } from './cycles.js';
import type { Import, SourceFile } from './import-graph.js';
import { CLIENT_VALUES, LAYERS, OWNERS, ROLES } from './layers.js';

export type Rule = 'layer' | 'role' | 'package' | 'client' | 'border' | 'ring';

export interface Violation {
  readonly rule: Rule;
  /** A file, or the folder of a ring. */
  readonly from: string;
  /** The file, package, table or folder that may not be reached from there. */
  readonly to: string;
  /** File and line of the import or of the statement. */
  readonly at: string;
}

const CLIENT = 'src/database/generated/client.ts';

export function check(files: readonly SourceFile[]): Violation[] {
  return [...files.flatMap(checkFile), ...ringArrows(files).map((arrow) => ({ rule: 'ring' as const, ...arrow }))];
}

/** The rules that look at one file at a time: all but that of rings. */
export function checkFile(file: SourceFile): Violation[] {
  const refused = (rule: Rule, to: string, line: number) => ({ rule, from: file.path, to, at: `${file.path}:${line}` });
  const writes = file.path.startsWith('src/revisions/') ? [] : file.writes;
  return [
    ...file.imports.flatMap((found) =>
      rulesAgainst(file.path, found).map((rule) => refused(rule, found.to, found.line)),
    ),
    ...writes.map(({ table, line }) => refused('border', table, line)),
  ];
}

function rulesAgainst(file: string, imported: Import): Rule[] {
  if (!imported.to.startsWith('src/')) return ownerAllows(file, imported.to) ? [] : ['package'];
  const rules: Rule[] = [];
  if (!layerAllows(file, imported.to)) rules.push('layer');
  if (!roleAllows(file, imported.to)) rules.push('role');
  if (imported.to === CLIENT && !clientAllows(file, imported.values)) rules.push('client');
  return rules;
}

function layerAllows(file: string, to: string): boolean {
  const from = folderOf(file);
  if (from === undefined) return true;
  const allowed = LAYERS[from];
  if (!allowed) return false;
  return folderOf(to) === from || allowed.some((part) => to.startsWith(`src/${part}/`) || to === `src/${part}.ts`);
}

function roleAllows(file: string, to: string): boolean {
  if (ROLES.some(({ files, never }) => files.test(file) && never.some((pattern) => pattern.test(to)))) return false;
  const own = featureOf(file);
  const other = featureOf(to);
  return own === undefined || other === undefined || own === other || !to.endsWith('.store.ts');
}

const ownerAllows = (file: string, imported: string) =>
  OWNERS.some(({ packages, files }) => packages.includes(imported) && files.test(file));

const clientAllows = (file: string, taken: readonly string[]) =>
  CLIENT_VALUES.every(({ values, files }) => files.test(file) || !taken.some((value) => values.includes(value)));

/** `git` of `src/git/port.ts`, and undefined of `src/main.ts`. */
const folderOf = (path: string) => /^src\/([^/]+)\//.exec(path)?.[1];

const featureOf = (path: string) => /^src\/features\/([^/]+)\//.exec(path)?.[1];
