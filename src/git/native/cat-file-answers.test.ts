import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CatFileAnswer, CatFileAnswers } from './cat-file-answers.js';

const OID = 'a'.repeat(40);

function answersOf(
  output: Buffer,
  sizes: readonly number[],
  wants: readonly boolean[],
  maxBytes?: number,
): CatFileAnswer[] {
  const found: CatFileAnswer[] = [];
  const answers = new CatFileAnswers(
    () => wants[found.length] ?? false,
    (answer) => found.push(answer),
    maxBytes,
  );
  let at = 0;
  for (const size of [...sizes, output.length]) {
    answers.push(output.subarray(at, at + size));
    at += size;
  }
  return found;
}

describe('CatFileAnswers', () => {
  it('finds the answers wherever the chunks end', () => {
    const contents = [Buffer.from('one\nline'), Buffer.alloc(0), Buffer.from(`${OID} blob 3\n`)];
    const output = Buffer.concat([
      ...contents.flatMap((content) => [Buffer.from(`${OID} blob ${content.length}\n`), content, Buffer.from('\n')]),
      Buffer.from(`${OID}:a b missing\n${OID} tree 7\n`),
    ]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 40 }), (sizes) => {
        const answers = answersOf(output, sizes, [true, true, true, true, false]);
        expect(answers.map((answer) => (answer.found ? (answer.content?.toString() ?? answer.type) : null))).toEqual([
          'one\nline',
          '',
          `${OID} blob 3\n`,
          null,
          'tree',
        ]);
      }),
    );
  });

  it('passes over an object that is too large, and goes on', () => {
    const output = Buffer.from(`${OID} blob 10\n0123456789\n${OID} blob 2\nab\n`);
    const answers = answersOf(output, [15, 40, 3], [true, true], 9);
    expect(answers).toMatchObject([
      { size: 10, content: null },
      { size: 2, content: Buffer.from('ab') },
    ]);
  });

  it('takes no nonsense', () => {
    expect(() => answersOf(Buffer.from('fatal: what\n'), [], [])).toThrow(RangeError);
    expect(() => answersOf(Buffer.alloc(100_000, 'x'), [], [])).toThrow(RangeError);
  });
});
