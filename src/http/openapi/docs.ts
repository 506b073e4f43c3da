import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { Document, isMap, isPair, isScalar, isSeq, type Pair, visit } from 'yaml';
import type { Config } from '../../config/config.js';
import { addPages } from '../pages/pages.js';
import { buildOpenApiDocument } from './openapi-document.js';

/** Swagger UI at /docs, the pages of events and of the fleet, and the document at /openapi.json and /openapi.yaml, built when first asked for. */
export function addDocs(app: NestFastifyApplication, version: string, config: Config): void {
  let built: OpenAPIObject | undefined;
  const document = () => (built ??= withPages(withSignIn(buildOpenApiDocument(app, version), config)));
  const initOAuth = {
    clientId: config.oidcClientId,
    usePkceWithAuthorizationCodeGrant: true,
    scopes: ['openid', 'profile', 'email'],
  };
  const swaggerOptions = { persistAuthorization: true, ...(config.oidcClientId !== undefined && { initOAuth }) };
  SwaggerModule.setup('docs', app, document, { raw: false, customSiteTitle: 'pkgserver', swaggerOptions });
  const fastify = app.getHttpAdapter().getInstance();
  addPages(fastify, config);
  fastify.get('/', (_request, reply) => reply.redirect('/docs'));
  fastify.get('/openapi.json', (_request, reply) => reply.type('application/json').send(JSON.stringify(document())));
  fastify.get('/openapi.yaml', (_request, reply) => reply.type('application/yaml').send(toYaml(document())));
}

/** The running server knows how people sign in; the committed document knows of tokens alone. */
function withSignIn(document: OpenAPIObject, { auth, oidcIssuer }: Config): OpenAPIObject {
  if (auth === 'none') return withScheme(document, 'remoteUser', REMOTE_USER);
  if (oidcIssuer === undefined) return document;
  const openIdConnectUrl = `${oidcIssuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  return withScheme(document, 'oidc', { type: 'openIdConnect', openIdConnectUrl });
}

/** What else this server shows to people. */
function withPages(document: OpenAPIObject): OpenAPIObject {
  const { info } = document;
  const description = `${info.description ?? ''}\n\n[The fleet](/fleet), [events as they come](/docs/events)`;
  return { ...document, info: { ...info, description } };
}

/** Not in the committed document: clients made from that would send their token in every header that it names. */
const REMOTE_USER = {
  type: 'apiKey',
  in: 'header',
  name: 'X-Remote-User',
  description: 'Your name, which this server believes. `anonymous` if left out.',
};

function withScheme(document: OpenAPIObject, name: string, scheme: object): OpenAPIObject {
  const securitySchemes = { ...document.components?.securitySchemes, [name]: scheme };
  const components = { ...document.components, securitySchemes } as OpenAPIObject['components'];
  return { ...document, components, security: [...(document.security ?? []), { [name]: [] }] };
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
  return yaml.toString({ lineWidth: 0, flowCollectionPadding: false });
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

const LINE = 280;

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
