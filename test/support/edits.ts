import type { Random } from './random.js';

/** Ways in which people change a manifest: a text for another one. */
const EDITS: readonly ((text: string, random: Random) => string)[] = [
  // A value, a number or a name more.
  (text, random) =>
    onLine(text, random, /^(\s*(?:- )?[\w.-]+: )([\w./-]+)$/, (_, label, value) =>
      /^\d+$/.test(value) ? `${label}${Number(value) + random.between(1, 90)}` : `${label}${value}-edited`,
    ),
  (text) => text.replace(/^(metadata:\n)(?! {2}labels)/m, '$1  labels:\n    team: alice\n'),
  (text, random) => text.replace(/^( {2}namespace: ).*$/m, `$1team-${random.between(1, 5)}`),
  (text, random) => onLine(text, random, /^(\s*)([\w-]+: \S.*)$/, (line, indent) => `${indent}# Set by hand.\n${line}`),
  (text, random) => onLine(text, random, /^(\s*[\w-]+: [\w.]+)$/, (line) => `${line} # since 2024`),
  (text, random) => onLine(text, random, /^\s+[\w-]+: [\w.]+$/, () => null),
  (text, random) =>
    onLine(text, random, /^(\s*)- name: ([\w-]+)$/, (line, indent, name) => `${indent}- name: ${name}-own\n${line}`),
  (text, random) =>
    onLine(text, random, /^(\s+)([\w-]+): ([\w.]+)$/, (line, indent, key) => `${line}\n${indent}${key}-own: "1"`),
  (text, random) => onLine(text, random, /^(\s*[\w-]+: )(\w+)$/, (_, label, value) => `${label}"${value}"`),
];

/** A text with some edits in it, the same for the same random numbers. */
export function edited(text: string, random: Random, count: number): string {
  let changed = text;
  for (let at = 0; at < count; at += 1) changed = random.pick(EDITS)?.(changed, random) ?? changed;
  return changed;
}

function onLine(text: string, random: Random, pattern: RegExp, change: (...parts: string[]) => string | null): string {
  const lines = text.split('\n');
  const fitting = lines.flatMap((line, at) => (pattern.test(line) && !/^\s*(apiVersion|kind):/.test(line) ? [at] : []));
  const at = random.pick(fitting);
  if (at === undefined) return text;
  const made = change(...(pattern.exec(lines[at] ?? '') ?? []));
  lines.splice(at, 1, ...(made === null ? [] : [made]));
  return lines.join('\n');
}
