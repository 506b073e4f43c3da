import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { stringify } from 'yaml';
import { buildOpenApiDocument } from './openapi-document.js';

/** Swagger UI at /docs and the document at /openapi.json and /openapi.yaml, built when first asked for. */
export function addDocs(app: NestFastifyApplication, version: string): void {
  let built: OpenAPIObject | undefined;
  const document = () => (built ??= buildOpenApiDocument(app, version));
  SwaggerModule.setup('docs', app, document, { raw: false, customSiteTitle: 'pkgserver' });
  const fastify = app.getHttpAdapter().getInstance();
  fastify.get('/', (_request, reply) => reply.redirect('/docs'));
  fastify.get('/openapi.json', (_request, reply) => reply.type('application/json').send(JSON.stringify(document())));
  fastify.get('/openapi.yaml', (_request, reply) => reply.type('application/yaml').send(toYaml(document())));
}

/** The document as it is committed; strings that YAML 1.1 would read as a date or a number are quoted. */
export function toYaml(document: OpenAPIObject): string {
  return stringify(JSON.parse(JSON.stringify(document)), {
    version: '1.1',
    lineWidth: 0,
    aliasDuplicateObjects: false,
  });
}
