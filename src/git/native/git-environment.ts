import { devNull } from 'node:os';

export type GitSetting = readonly [name: string, value: string];

/** Settings that hold whatever the machine, its users or a mirror configure. */
const ALWAYS: readonly GitSetting[] = [
  ['protocol.allow', 'never'],
  ['credential.helper', ''],
  ['core.askPass', ''],
  ['core.hooksPath', devNull],
  ['core.attributesFile', devNull],
  ['core.fsmonitor', 'false'],
  ['core.bigFileThreshold', '64m'],
  ['core.logAllRefUpdates', 'false'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['color.ui', 'false'],
  ['fetch.unpackLimit', '1'],
  ['fetch.recurseSubmodules', 'false'],
  ['fetch.writeCommitGraph', 'false'],
  ['push.recurseSubmodules', 'no'],
  ['push.followTags', 'false'],
  ['push.gpgSign', 'false'],
  ['transfer.bundleURI', 'false'],
];

export interface GitPlace {
  /** Where programs are looked up, as in PATH. */
  searchPath: string;
  /** An empty folder: there `.netrc`, `.ssh` and the like are looked for. */
  home: string;
}

/**
 * The whole environment of a git process, made from nothing. Settings travel in it, because a command line can be read
 * by every user of the machine and a file stays behind.
 */
export function gitEnvironment(
  { searchPath, home }: GitPlace,
  settings: readonly GitSetting[] = [],
): Record<string, string> {
  const all = [...ALWAYS, ...settings];
  const pairs = all.flatMap(([name, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, name],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return {
    PATH: searchPath,
    HOME: home,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: devNull,
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_CONFIG_COUNT: String(all.length),
    ...(Object.fromEntries(pairs) as Record<string, string>),
  };
}
