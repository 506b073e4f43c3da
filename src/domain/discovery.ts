import { Wildcard } from './wildcard.js';

export const DISCOVERY_MODES = ['kptfile', 'krm'] as const;

/** Which directories of a repository's ref are packages. */
export interface Discovery {
  /** `kptfile`: those that hold a Kptfile. `krm`: the topmost ones that directly hold a KRM document. */
  mode: (typeof DISCOVERY_MODES)[number];
  /** Patterns of paths below the repository's directory. Where there are some, only what matches one is a package. */
  include: string[];
  /** Directories that match one hold no packages, nor does anything below them. */
  exclude: string[];
}

/** What is set of it. */
export type GivenDiscovery = Partial<Discovery>;

export function discoveryOf({ discovery }: { discovery: unknown }): Discovery {
  return { mode: 'kptfile', include: [], exclude: [], ...(discovery as GivenDiscovery) };
}

/** Whether a repository's heads were read by another rule than it has now. */
export function hasNewRule({ discovery, headsBy }: { discovery: unknown; headsBy: unknown }): boolean {
  return !isSameDiscovery(discoveryOf({ discovery }), discoveryOf({ discovery: headsBy }));
}

export function isSameDiscovery(left: Discovery, right: Discovery): boolean {
  const textOf = ({ mode, include, exclude }: Discovery): string => JSON.stringify([mode, include, exclude]);
  return textOf(left) === textOf(right);
}

/** Whether a path may be a package, and whether anything below it may. */
export class PathRules {
  private readonly include: Wildcard[];
  private readonly exclude: Wildcard[];

  constructor({ include, exclude }: Pick<Discovery, 'include' | 'exclude'>) {
    this.include = include.map((pattern) => new Wildcard(pattern));
    this.exclude = exclude.map((pattern) => new Wildcard(pattern));
  }

  /** The same tree may be a package at one path and not at another. */
  get areGiven(): boolean {
    return this.include.length + this.exclude.length > 0;
  }

  includes(path: string): boolean {
    return this.include.length === 0 || this.include.some((pattern) => pattern.matches(path));
  }

  excludes(path: string): boolean {
    return this.exclude.some((pattern) => pattern.matches(path));
  }
}
