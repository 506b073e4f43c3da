import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import { z } from 'zod';
import { DomainError, type FieldError } from '../domain/errors.js';
import { jsonPointer } from '../domain/json-pointer.js';

const MAX_ERRORS = 100;

/** Validates every body, query and path parameter with the schema its decorator names, and hands on what it made of it. */
@Injectable()
export class ValidationPipe implements PipeTransform {
  transform(value: unknown, metadata: ArgumentMetadata): unknown {
    const schema: unknown = metadata.schema;
    if (!(schema instanceof z.ZodType)) return value;
    // Generated clients for Go and Java write `null` for a body that is left out.
    const leftOut = metadata.type === 'body' && value === null && schema.isOptional();
    const parsed = schema.safeParse(leftOut ? undefined : value);
    if (parsed.success) return parsed.data;
    if (metadata.type === 'param') {
      throw new DomainError('notFound', `There is nothing with the ${metadata.data as string} "${String(value)}".`);
    }
    const isQuery = metadata.type === 'query';
    const errors = parsed.error.issues.flatMap((issue) => toFieldErrors(issue, value, isQuery)).slice(0, MAX_ERRORS);
    throw isQuery
      ? new DomainError('invalidQuery', 'The query is not valid; `errors` says why.', { errors })
      : new DomainError('invalidBody', 'The body is not valid; `errors` says why.', { errors });
  }
}

function toFieldErrors(issue: z.core.$ZodIssue, input: unknown, isQuery: boolean): FieldError[] {
  const pointer = (path: readonly PropertyKey[]) => (isQuery ? String(path[0] ?? '') : jsonPointer(path));
  if (issue.code === 'unrecognized_keys') {
    const message = isQuery ? 'There is no parameter of this name here.' : 'There is no field of this name here.';
    return issue.keys.map((key) => ({ pointer: pointer([...issue.path, key]), code: 'unknownField', message }));
  }
  if (issue.code === 'invalid_key') {
    const reasons = issue.issues.map((inner) => inner.message).join(' ');
    return [{ pointer: pointer(issue.path), code: 'invalidKey', message: reasons }];
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    // The client most likely meant the alternative with the fewest faults.
    const [closest = []] = [...issue.errors].sort((left, right) => left.length - right.length);
    return closest.flatMap((inner) =>
      toFieldErrors({ ...inner, path: [...issue.path, ...inner.path] }, input, isQuery),
    );
  }
  const isMissing = issue.code === 'invalid_type' || issue.code === 'invalid_union';
  if (isMissing && valueAt(input, issue.path) === undefined) {
    return [{ pointer: pointer(issue.path), code: 'required', message: 'This is required.' }];
  }
  return [{ pointer: pointer(issue.path), code: codeOf(issue), message: issue.message }];
}

/** The validator's words for what it found; a rule of ours, or no alternative that fits, is simply a wrong value. */
function codeOf({ code }: z.core.$ZodIssue): string {
  if (code === 'custom' || code === 'invalid_union') return 'invalidValue';
  return code.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : value,
    input,
  );
}
