import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the watch saw while one test file ran. */
export interface FileRecord {
  /** The path of the test file. */
  file: string;
  /** How many answers the contract speaks of. */
  answers: number;
  /** How many of their bodies were compared with a schema. */
  bodies: number;
  /** What was seen of that which the contract declares. */
  seen: string[];
}

export function writeRecord(folder: string, name: string, record: FileRecord): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(record));
}

export function readRecords(folder: string): FileRecord[] {
  return readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as FileRecord);
}

/** An event that was raised, among what was seen. */
export const eventPart = (type: string): string => `event ${type}`;
