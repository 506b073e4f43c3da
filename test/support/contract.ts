import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { FastifyInstance } from 'fastify';
import { openApiDocument } from '../../src/openapi.js';

interface Contract {
  paths: Record<string, Record<string, { responses: Record<string, { $ref?: string; content?: object }> }>>;
}

/**
 * Compares every answer of the API with what the contract says of it, and gives the faults found so far: a status that
 * is not listed, a media type that is not, a body that does not fit its schema.
 */
export async function watchContract(fastify: FastifyInstance): Promise<string[]> {
  const document = JSON.parse(JSON.stringify(await openApiDocument())) as Contract;
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  formats.default(ajv);
  ajv.addSchema(document, 'openapi');
  const faults: string[] = [];

  const bodyFault = (place: string, body: string): string | undefined => {
    const validate = ajv.getSchema(`openapi#${place}`);
    if (!validate) return 'there is no schema';
    return validate(JSON.parse(body)) ? undefined : ajv.errorsText(validate.errors);
  };

  fastify.addHook('onSend', (request, reply, payload, done) => {
    const path = (request.routeOptions.url ?? '').replaceAll(/:([A-Za-z]+)/g, '{$1}');
    const method = request.method.toLowerCase();
    const response = document.paths[path]?.[method]?.responses[reply.statusCode];
    const mediaType = String(reply.getHeader('content-type') ?? '').split(';')[0] ?? '';
    const place = response?.$ref?.slice(1) ?? pointer('paths', path, method, 'responses', String(reply.statusCode));
    const content = response?.$ref ? { 'application/problem+json': {} } : (response?.content ?? {});
    let fault: string | undefined;
    if (!document.paths[path]?.[method]) fault = undefined;
    else if (!response) fault = 'this status is not listed';
    else if (typeof payload !== 'string' || payload === '') fault = undefined;
    else if (!(mediaType in content)) fault = `the media type ${mediaType} is not listed`;
    else if (mediaType.endsWith('json')) fault = bodyFault(place + pointer('content', mediaType, 'schema'), payload);
    if (fault) faults.push(`${request.method} ${path} ${reply.statusCode}: ${fault}`);
    done(null, payload);
  });
  return faults;
}

const pointer = (...keys: string[]): string =>
  keys.map((key) => `/${encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'))}`).join('');
