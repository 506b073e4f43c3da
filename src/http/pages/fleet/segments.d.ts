export interface Part {
  label: string;
  count: number;
  tone: 'good' | 'bad' | 'warn' | 'work' | 'quiet';
  /** Says the same as the tone. */
  sign?: string;
  /** What its words lead to. */
  href?: string;
}

export interface Segment extends Part {
  /** Percent. */
  share: number;
  /** Percent of the bar. */
  from: number;
  width: number;
}

export function segmentsOf(parts: readonly Part[]): Segment[];
export function counted(count: number, nouns: string): string;
export function wordsOf(parts: readonly Part[], noun?: string): string;
