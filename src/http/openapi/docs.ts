import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { Document, isMap, isPair, isScalar, isSeq, type Pair, visit } from 'yaml';
import type { Config } from '../../config/config.js';
import { buildOpenApiDocument } from './openapi-document.js';

/** Swagger UI at /docs and the document at /openapi.json and /openapi.yaml, built when first asked for. */
export function addDocs(app: NestFastifyApplication, version: string, config: Config): void {
  let built: OpenAPIObject | undefined;
  const document = () => (built ??= withSignIn(buildOpenApiDocument(app, version), config));
  const initOAuth = {
    clientId: config.oidcClientId,
    usePkceWithAuthorizationCodeGrant: true,
    scopes: ['openid', 'profile', 'email'],
  };
  const swaggerOptions = { persistAuthorization: true, ...(config.oidcClientId !== undefined && { initOAuth }) };
  SwaggerModule.setup('docs', app, document, { raw: false, customSiteTitle: 'pkgserver', swaggerOptions });
  const fastify = app.getHttpAdapter().getInstance();
  fastify.get('/', (_request, reply) => reply.redirect('/docs'));
  fastify.get('/openapi.json', (_request, reply) => reply.type('application/json').send(JSON.stringify(document())));
  fastify.get('/openapi.yaml', (_request, reply) => reply.type('application/yaml').send(toYaml(document())));
}

/** The running server knows where people sign in; the committed document does not. It then believes no X-Remote-User. */
function withSignIn(document: OpenAPIObject, { oidcIssuer }: Config): OpenAPIObject {
  if (oidcIssuer === undefined) return document;
  const openIdConnectUrl = `${oidcIssuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const { remoteUser: _, ...others } = document.components?.securitySchemes ?? {};
  const securitySchemes = { ...others, oidc: { type: 'openIdConnect', openIdConnectUrl } };
  const security = (document.security ?? []).filter((requirement) => !('remoteUser' in requirement));
  const components = { ...document.components, securitySchemes } as OpenAPIObject['components'];
  return { ...document, components, security: [...security, { oidc: [] }] };
}

/** The document as it is committed; strings that YAML 1.1 would read as a date or a number are quoted. */
export function toYaml(document: OpenAPIObject): string {
  const yaml = new Document(JSON.parse(JSON.stringify(document)), { version: '1.1', aliasDuplicateObjects: false });
  visit(yaml, {
    Map: (_, map, ancestors) => {
      if (isShort(map.items) || ON_ONE_LINE.has(keyOf(ancestors))) map.flow = true;
    },
    Seq: (_, list, ancestors) => {
      if (ON_ONE_LINE.has(keyOf(ancestors))) list.flow = true;
    },
  });
  return yaml.toString({ lineWidth: 0 });
}

function keyOf(ancestors: readonly unknown[]): string {
  const pair = ancestors.at(-1);
  return isPair(pair) && isScalar(pair.key) ? String(pair.key.value) : '';
}

/** `{ $ref: … }`, a property with a word on it, and the like: a line each is easier to read than four. */
function isShort(pairs: readonly Pair[]): boolean {
  const isPlain = ({ value }: Pair): boolean =>
    isScalar(value) || (isSeq(value) && value.items.every(isScalar)) || (isMap(value) && isShort(value.items));
  return pairs.every(isPlain) && JSON.stringify(pairs).length <= LINE;
}

const LINE = 200;

/** Names, numbers and examples: what is read at a glance. */
const ON_ONE_LINE = new Set([
  'headers',
  'value',
  'type',
  'example',
  'examples',
  'enum',
  'required',
  'tags',
  'x-enum-varnames',
  'x-extensible-enum',
  'x-problem-statuses',
  'x-problem-codes',
]);
