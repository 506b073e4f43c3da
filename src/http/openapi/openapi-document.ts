import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { ComponentRegistry } from './component-registry.js';
import { API_HEADERS } from '../common-headers.js';
import { problemExamples } from '../problem.examples.js';
import { problemSchema } from '../problem.schema.js';
import { completeSchemas } from './openapi-examples.js';
import { shareRepeated } from './openapi-hoist.js';
import { addLinks } from './openapi-links.js';
import { completeOperation, exampleName, type OperationObject } from './openapi-operation.js';
import { documentProblems, problemResponse } from './openapi-problems.js';
import { reference, sharedHeaders, sharedParameters } from './openapi-shared.js';
import { withoutUnused } from './openapi-unused.js';
import { TAGS } from './tags.js';

const DESCRIPTION = `pkgserver manages packages of Kubernetes (KRM) YAML that are kept in Git repositories.

Reading never touches Git and editing never waits for it. What is true only once the Git remote has it answers \`202\` with
an Operation; \`Prefer: wait=N\` holds the answer until it has ended. Every GET answers HEAD as well.

Every error is a Problem (RFC 9457) with a stable \`code\`, the default answer of every operation. \`x-problem-statuses\` lists the
statuses of an operation, \`x-problem-codes\` the codes beyond those that operations have in common; both stand for the whole
document as well: a method that a path does not have is 405 with \`Allow\`, headers of more than 16 KiB are 431, a request that
does not arrive in time is 408, and what is not HTTP is 400. No request is answered 501: an unknown method is 400.

Sign in with \`Authorization: Bearer …\`: an API token, or a token of the configured identity provider. \`x-permission\` names what an
operation needs. What you may not see is \`404\`, what you may see but not do \`403\`. Answers carry \`RateLimit\`; beyond it is \`429\`.
\`x-common-headers\` are on every answer below \`/api\`.`;

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
  const { schemas, states } = registry;
  completeSchemas(schemas, states);

  const paths = byName(scanned.paths);
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method] as OperationObject | undefined;
      return operation ? [{ path, method, operation }] : [];
    }),
  );
  const completed = operations.map(({ path, method, operation }) => {
    const { from, shows } = completeOperation(operation, { path, method, schemas, states });
    return { path, operation, from, shows };
  });
  const links = addLinks(completed);
  const fixed = { schemas: byName(schemas), headers: sharedHeaders, parameters: sharedParameters };
  const shared = shareRepeated(
    operations.map(({ operation }) => operation),
    Object.values(fixed).flatMap((named) => Object.keys(named)),
  );
  // Swagger UI does not resolve those that a path shares.
  for (const { operation } of operations) {
    operation.parameters = [...(operation.parameters ?? []), reference('parameters', 'RequestIdParameter')];
  }

  const { openapi, servers } = scanned;
  const { contact: _, ...info } = scanned.info;
  const used = new Set(operations.flatMap(({ operation }) => operation.tags ?? []));
  const tags = Object.entries(TAGS).flatMap(([name, description]) => (used.has(name) ? [{ name, description }] : []));
  const components = withoutUnused(paths, {
    ...fixed,
    parameters: { ...fixed.parameters, ...byName(shared.parameters) },
    responses: { ProblemAnswer: problemResponse, ...byName(shared.responses) },
    examples: { ...stateExamples(states), ...problemExamples },
    links,
  });
  components.securitySchemes = SECURITY_SCHEMES;
  const security: Record<string, string[]>[] = [{ bearer: [] }];
  const extensions = { ...documentProblems, 'x-common-headers': API_HEADERS };
  return { openapi, info, servers, tags, security, ...extensions, paths, components };
}

const stateExamples = (states: Record<string, Record<string, unknown>>): Record<string, object> =>
  Object.fromEntries(
    Object.entries(states).flatMap(([schema, byState]) =>
      Object.entries(byState).map(([state, value]) => [exampleName(schema, state), { summary: state, value }]),
    ),
  );

const byName = <Value>(record: Record<string, Value>): Record<string, Value> =>
  Object.fromEntries(Object.entries(record).sort(([left], [right]) => (left < right ? -1 : 1)));
