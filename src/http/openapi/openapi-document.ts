import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { ComponentRegistry } from './component-registry.js';
import { completeExamples } from './openapi-examples.js';
import { completeOperation, type OperationObject } from './openapi-operation.js';
import { sharedComponents } from './openapi-shared.js';
import { withoutUnused } from './openapi-unused.js';
import { TAGS } from './tags.js';
import { problemSchema } from '../problem.js';

const DESCRIPTION = `pkgserver manages packages of Kubernetes (KRM) YAML that are kept in Git repositories.

Reading never touches Git and editing never waits for it. What is true only once the Git remote has it answers \`202\` with
an Operation; \`Prefer: wait=N\` holds the answer until it has ended. Every error is a Problem (RFC 9457) with a stable \`code\`.

Sign in with \`Authorization: Bearer …\`: an API token, or a token of the configured identity provider. \`x-permission\` names what an
operation needs. What you may not see is \`404\`, what you may see but not do \`403\`. Answers carry \`RateLimit\`; beyond it is \`429\`.`;

const SECURITY_SCHEMES = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description: 'An API token (`pks_…`), or a JWT of the configured identity provider.',
  },
};

const METHODS = ['get', 'put', 'post', 'patch', 'delete'] as const;

/** The OpenAPI 3.1 document of an application, whole: what Nest knows, and what holds for every operation. */
export function buildOpenApiDocument(app: INestApplication, version: string): OpenAPIObject {
  const registry = new ComponentRegistry();
  const base = new DocumentBuilder()
    .setOpenAPIVersion('3.1.1')
    .setTitle('pkgserver')
    .setDescription(DESCRIPTION)
    .setVersion(version)
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addServer('/', 'The server that this document came from.')
    .build();
  const scanned = SwaggerModule.createDocument(app, base, {
    operationIdFactory: (_controller, method) => method,
    standardSchemaConverter: registry.convert,
  });
  registry.convert(problemSchema, { schemaType: 'output' });
  completeExamples(registry.schemas);

  const paths = byName(scanned.paths);
  const used = new Set<string>();
  for (const [path, item] of Object.entries(paths)) {
    for (const method of METHODS) {
      const operation = item[method] as OperationObject | undefined;
      if (!operation) continue;
      completeOperation(operation, { method, path, schemas: registry.schemas });
      for (const tag of operation.tags ?? []) used.add(tag);
    }
  }
  const { openapi, servers } = scanned;
  const { contact: _, ...info } = scanned.info;
  const tags = Object.entries(TAGS).flatMap(([name, description]) => (used.has(name) ? [{ name, description }] : []));
  const components = withoutUnused(paths, { schemas: byName(registry.schemas), ...sharedComponents });
  components.securitySchemes = SECURITY_SCHEMES;
  return { openapi, info, servers, tags, security: [{ bearer: [] }], paths, components };
}

const byName = <Value>(record: Record<string, Value>): Record<string, Value> =>
  Object.fromEntries(Object.entries(record).sort(([left], [right]) => (left < right ? -1 : 1)));
