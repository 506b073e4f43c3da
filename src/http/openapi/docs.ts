import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { type OpenAPIObject, type SwaggerCustomOptions, SwaggerModule } from '@nestjs/swagger';
import { Document, isMap, isPair, isScalar, isSeq, type Pair, visit } from 'yaml';
import type { Config } from '../../config/config.js';
import { type Front, frontOf, linkTo } from '../front.js';
import { addPages } from '../pages/pages.js';
import { buildOpenApiDocument } from './openapi-document.js';

/** Swagger UI at /docs, the pages of events and of the fleet, and the document at /openapi.json and /openapi.yaml, built when first asked for. */
export function addDocs(app: NestFastifyApplication, version: string, config: Config): void {
  let built: OpenAPIObject | undefined;
  const document = () => (built ??= withSignIn(buildOpenApiDocument(app, version), config));
  const initOAuth = {
    clientId: config.oidcClientId,
    usePkceWithAuthorizationCodeGrant: true,
    scopes: ['openid', 'profile', 'email'],
  };
  const swaggerOptions = { persistAuthorization: true, ...(config.oidcClientId !== undefined && { initOAuth }) };
  const seenAt = (request: FastifyRequest) => seenThrough(document(), frontOf(request));
  const patchDocumentOnRequest: SwaggerCustomOptions['patchDocumentOnRequest'] = (request) =>
    seenAt(request as FastifyRequest);
  const ui = { raw: false, customSiteTitle: 'pkgserver', swaggerOptions, patchDocumentOnRequest };
  SwaggerModule.setup('docs', app, document, ui);
  const fastify = app.getHttpAdapter().getInstance();
  addPages(fastify, config);
  fastify.get('/', (_request, reply) => reply.redirect('/docs'));
  fastify.get('/openapi.json', (request, reply) =>
    reply.type('application/json').send(JSON.stringify(seenAt(request))),
  );
  fastify.get('/openapi.yaml', (request, reply) => reply.type('application/yaml').send(toYaml(seenAt(request))));
}

/** The running server knows how people sign in; the committed document knows of tokens alone. */
function withSignIn(document: OpenAPIObject, { auth, oidcIssuer }: Config): OpenAPIObject {
  if (auth === 'none') return withScheme(document, 'remoteUser', REMOTE_USER);
  if (oidcIssuer === undefined) return document;
  const openIdConnectUrl = `${oidcIssuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  return withScheme(document, 'oidc', { type: 'openIdConnect', openIdConnectUrl });
}

/** With what else this server shows to people, and with where its reader sees this server. */
function seenThrough(document: OpenAPIObject, front: Front): OpenAPIObject {
  const { info } = document;
  const pages = `[The fleet](${front.path}/fleet), [events as they come](${front.path}/docs/events)`;
  const described = { ...document, info: { ...info, description: `${info.description ?? ''}\n\n${pages}` } };
  const url = linkTo(front, '');
  const servers = document.servers?.map((server) => ({ ...server, url }));
  return url === '' || servers === undefined ? described : { ...described, servers };
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
