import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ValidationPipe } from './validation.pipe.js';

describe('ValidationPipe', () => {
  const pipe = new ValidationPipe();
  const schema = z.strictObject({ comment: z.string().optional() });

  it('takes null for an optional body that is left out', () => {
    expect(pipe.transform(null, { type: 'body', schema: schema.optional() })).toBeUndefined();
  });

  it('refuses null for a required body', () => {
    expect(() => pipe.transform(null, { type: 'body', schema })).toThrow('The body is not valid');
  });

  it('says that the word is missing that tells the alternatives apart, or wrong', () => {
    const either = z.discriminatedUnion('type', [
      z.object({ type: z.literal('a') }),
      z.object({ type: z.literal('b') }),
    ]);
    const refused = (body: object) => () => pipe.transform(body, { type: 'body', schema: either });
    const fault = (code: string) =>
      expect.objectContaining({ data: { errors: [expect.objectContaining({ code, pointer: '/type' })] } });
    expect(refused({})).toThrow(fault('required'));
    expect(refused({ type: 'c' })).toThrow(fault('invalidValue'));
  });

  it('refuses null inside an optional body', () => {
    const body = { comment: null };
    expect(() => pipe.transform(body, { type: 'body', schema: schema.optional() })).toThrow('The body is not valid');
  });
});
