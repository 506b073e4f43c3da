import { applyDecorators, HttpCode } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiExtension, ApiOperation, ApiResponse } from '@nestjs/swagger';
import { z } from 'zod';
import type { Requirement } from '../access/guard.js';
import type { ErrorCode } from '../domain/errors.js';

const PROBLEMS_METADATA = 'pkgserver:problems';

/** The decorators leave their facts in the document under this name; its last step takes them out again. */
export const ENDPOINT_EXTENSION = 'x-endpoint';

export interface EndpointOptions {
  /** The caller needs this permission. */
  permission: Requirement;
  summary: string;
  description: string;
  /**
   * A success answers this with 200, with 201 if `created`, with 202 where a signature lets in: whoever sent it waits for nothing.
   * Left out, a success answers 204.
   */
  returns?: z.ZodType;
  /** A string: the collection that what is created is found in, where that is not the one that was asked. */
  created?: boolean | string;
  /** Answers 202 and the Operation, for ever (`always`) or for some states only (`sometimes`). */
  accepted?: 'always' | 'sometimes';
  /** The states of the resource in which it is possible; in others, and while an operation is at work, it is refused. */
  from?: readonly string[];
  /** The states in which the answer can show the resource; all that its schema names if left out. */
  shows?: readonly string[];
  /** So many seconds the accepted work of a request with this body is waited for, also where its caller has not asked for it. */
  settlesWithin?: (body: unknown) => number;
  /** A success is not JSON but bytes. */
  produces?: Produced;
  /** A success can be one of these media types instead of JSON, if the caller prefers that. */
  alsoProduces?: string[];
  /** A field of the answer that is not kept for its Idempotency-Key. */
  shownOnce?: string;
  /** A POST that changes nothing: it asks for more than a URL can hold. */
  reads?: boolean;
  /** The body may be as large as a whole package. */
  largeBody?: boolean;
  /** The body may be left out. */
  optionalBody?: boolean;
  /** Codes beyond those that every endpoint of this shape can answer. */
  problems?: ErrorCode[];
}

/** Bytes of these media types, the most general first: generators take the first. */
export interface Produced {
  mediaTypes: string[];
  /** They have an entity tag. */
  tagged?: boolean;
  /** They are to be saved as a file. */
  attachment?: boolean;
}

export interface EndpointFacts extends Pick<
  EndpointOptions,
  'permission' | 'accepted' | 'produces' | 'alsoProduces' | 'optionalBody' | 'from' | 'shows' | 'reads'
> {
  problems: ErrorCode[];
}

export interface RouteSettings {
  /** The name of the handler. */
  operationId?: string;
  permission?: Requirement;
  produces?: string[];
  largeBody?: boolean;
  shownOnce?: string;
  /** The path below which what it creates is found; left out: its own. */
  createdIn?: string;
  reads?: boolean;
  settlesWithin?: (body: unknown) => number;
  /** It answers a page of a list. */
  lists?: boolean;
}

/** Says all there is to say about an endpoint; `operationId` is the method's name. */
export function Endpoint(options: EndpointOptions): MethodDecorator {
  const status = statusOf(options);
  const { permission, accepted, produces, alsoProduces, optionalBody, from, shows, reads } = options;
  const { largeBody, shownOnce, settlesWithin } = options;
  return (target, key, descriptor) => {
    const operationId = String(key);
    OPERATION_IDS.add(operationId);
    const mediaTypes = alsoProduces ? ['application/json', ...alsoProduces] : produces?.mediaTypes;
    const lists = options.returns instanceof z.ZodObject && 'nextCursor' in options.returns.shape;
    const settings: RouteSettings = {
      operationId,
      permission,
      produces: mediaTypes,
      largeBody,
      shownOnce,
      createdIn: typeof options.created === 'string' ? `/api/v1/${options.created}` : undefined,
      reads,
      settlesWithin,
      lists,
    };
    addProblems(target, key, [...(options.problems ?? []), ...(from ? REFUSED_IN_OTHER_STATES : [])]);
    const problems = problemsOf(target, key);
    const told = { permission, accepted, produces, alsoProduces, optionalBody, from, shows, reads };
    const facts: EndpointFacts = { ...told, problems };
    const success =
      accepted === 'always' && !options.returns
        ? []
        : [ApiResponse({ status, description: describe(status), standardSchema: options.returns })];
    return applyDecorators(
      ApiOperation({ summary: options.summary, description: options.description }),
      ApiExtension(ENDPOINT_EXTENSION, facts),
      RouteConfig(settings),
      HttpCode(status),
      ...success,
    )(target, key, descriptor);
  };
}

function statusOf({ permission, created, returns, produces }: EndpointOptions): number {
  if (permission === 'signature') return 202;
  if (created) return 201;
  return returns || produces ? 200 : 204;
}

/** Of every endpoint that has been declared. */
const OPERATION_IDS = new Set<string>();

export const isOperationId = (text: string): boolean => OPERATION_IDS.has(text);

const REFUSED_IN_OTHER_STATES: ErrorCode[] = ['stateConflict', 'operationInProgress'];

/** Notes problems that a parameter of the method brings with it. */
export function addProblems(target: object, key: string | symbol, codes: readonly ErrorCode[]): void {
  Reflect.defineMetadata(PROBLEMS_METADATA, [...problemsOf(target, key), ...codes], target, key);
}

const problemsOf = (target: object, key: string | symbol): ErrorCode[] =>
  (Reflect.getMetadata(PROBLEMS_METADATA, target, key) as ErrorCode[] | undefined) ?? [];

const describe = (status: number): string =>
  ({ 200: 'The result.', 201: 'Created.', 202: 'Taken.' })[status] ?? 'Done; there is nothing to send.';

/** Whether requests of an endpoint with this requirement count against the limits of requests; a scrape does not. */
export const isCounted = (permission: Requirement): boolean => permission !== 'public' && permission !== 'metrics.read';
