import { isDeepStrictEqual } from 'node:util';
import { expect, it } from 'vitest';
import { constructFromEvents, FAILSAFE_SCHEMA, parseEvents } from '../../../src/krm/js-yaml.js';
import { type KrmObject, krmObjects } from '../../../src/krm/krm-object.js';
import { type ParsedFile, parseKrm } from '../../../src/krm/parse.js';
import { ParseThread } from '../../../src/krm/parse-thread.js';
import { plainNumber, plainWord } from '../../../src/krm/plain-scalar.js';
import { DEFAULT_YAML_LIMITS } from '../../../src/krm/yaml-limits.js';
import { Random } from '../../support/random.js';
import { Mutator } from './mutator.js';

/**
 * Spoilt YAML through the parser, as files of packages are: each is answered soon, always in the same way, and what is read
 * is what js-yaml reads. `YAML_FILES=20000 YAML_SEED=n npx vitest run --project integration test/integration/mutated-yaml`
 * tries more.
 */
const FILES = Number(process.env.YAML_FILES ?? 400);
const SEED = Number(process.env.YAML_SEED ?? Date.now() % 1_000_000);
/** Enough that the thread gets them, as the files of a package. */
const AT_ONCE = 100;
/** For one file; a busy machine is slow, too. */
const PATIENCE_MS = 3_000;
const MOST_FAULTS = 5;

it(
  `reads ${FILES} spoilt files soon, always alike, and as js-yaml does (seed ${SEED})`,
  { timeout: 60_000 + FILES * 50 },
  async () => {
    const mutator = new Mutator(new Random(SEED));
    const thread = new ParseThread(PATIENCE_MS);
    const faults: string[] = [];
    let accepted = 0;
    for (let done = 0; done < FILES && faults.length < MOST_FAULTS; done += AT_ONCE) {
      const files = Array.from({ length: Math.min(AT_ONCE, FILES - done) }, () => mutator.file());
      const parsed = await thread.parse(files, DEFAULT_YAML_LIMITS);
      const again = await Promise.all(files.map(async (file) => (await thread.parse([file], DEFAULT_YAML_LIMITS))[0]));
      for (const [index, file] of files.entries()) {
        const one = parsed[index] as ParsedFile;
        accepted += one.parseError === null ? 1 : 0;
        for (const fault of faultsOf(file, one, again[index] as ParsedFile))
          faults.push(
            `seed ${SEED}, file ${done + index}: ${fault}\n${JSON.stringify(file.toString('latin1').slice(0, 2_000))}`,
          );
      }
    }
    expect(faults).toEqual([]);
    // A mutator that spoils all of them tries one thing alone.
    expect(accepted).toBeGreaterThan(FILES / 10);
    expect(accepted).toBeLessThan(FILES * 0.9);
  },
);

function* faultsOf(file: Buffer, one: ParsedFile, again: ParsedFile): Generator<string> {
  if (one.parseError?.includes('takes too long')) yield 'takes too long';
  if (!isDeepStrictEqual(one, again)) yield `read as ${JSON.stringify(one)}, then as ${JSON.stringify(again)}`;
  if (!isDeepStrictEqual(one, parseKrm(file)))
    yield `read in the thread as ${JSON.stringify(one)}, here as ${JSON.stringify(parseKrm(file))}`;
  const theirs = one.parseError === null ? byJsYaml(file.toString()) : null;
  if (theirs === null) return;
  for (const object of one.objects) {
    const same = theirs.find(({ position }) => position === object.position);
    if (!same || !isSame(object, same))
      yield `reads ${JSON.stringify(object)}, js-yaml ${JSON.stringify(same ?? theirs)}`;
  }
  const missing = theirs.filter(({ position }) => !one.objects.some((object) => object.position === position));
  for (const object of missing)
    if (isText(object.apiVersion) && isText(object.kind))
      yield `does not read ${JSON.stringify(object)}, which js-yaml does`;
}

/** What js-yaml makes of the text where all scalars are strings; null where it takes it for no YAML, or for more than that. */
function byJsYaml(text: string): KrmObject[] | null {
  if (text.includes('<<')) return null;
  try {
    const options = { source: text, schema: FAILSAFE_SCHEMA, json: true, maxAliases: -1 };
    return krmObjects(constructFromEvents(parseEvents(text, { maxDepth: 101 }), options).map(asMaps));
  } catch {
    return null;
  }
}

function asMaps(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asMaps);
  if (typeof value !== 'object' || value === null) return value;
  return new Map(Object.entries(value).map(([key, item]) => [key, asMaps(item)]));
}

/** Whether kubectl, too, reads a plain scalar as a string. */
const isText = (text: string): boolean => plainWord(text) === null && plainNumber(text) === null;

function isSame(ours: KrmObject, theirs: KrmObject): boolean {
  if (ours.apiVersion !== theirs.apiVersion || ours.kind !== theirs.kind) return false;
  const texts = (['name', 'namespace'] as const).every(
    (field) => ours[field] === theirs[field] || !isText(theirs[field] ?? ''),
  );
  const labels = Object.entries(theirs.labels).every(([key, text]) => ours.labels[key] === text || !isText(text));
  return texts && labels;
}
