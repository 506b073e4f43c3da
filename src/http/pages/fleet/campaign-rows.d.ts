import type { Part } from './segments.js';

export interface Look {
  state: string;
  sign: string;
  tone: Part['tone'];
  label: string;
}

export const STATES: readonly Omit<Look, 'label'>[];
export function lookOf(state: string): Look;
export function wordOf(name: string): string;
export function stateParts(counts: Record<string, number>): (Look & Part)[];
export function sentenceOf(campaign: {
  state: string;
  progress: { wave: number | null; counts: Record<string, number> };
  waves: readonly { name: string }[];
}): string;

export class Changes {
  constructor(campaignId: string);
  take(events: readonly { type: string; data: object }[]): boolean;
  due(view: { shown: readonly string[]; filtered: boolean }): { campaign: boolean; items: boolean };
}
