import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { parse, parseAllDocuments } from 'yaml';

/** The schemas that the delivery tools publish, kept beside the checkout; tests that use them skip where they are not. */
const CRDS = process.env.CRDS_DIR ?? resolve(import.meta.dirname, '../../../shared/crds');

export const hasDeliveryCrds = existsSync(join(CRDS, 'argoproj.io_application_v1alpha1.json'));

export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace: string; annotations?: Record<string, string> };
  spec: Record<string, unknown>;
}

export const readManifests = (text: string): Manifest[] =>
  parseAllDocuments(text).map((document) => {
    if (document.errors[0]) throw document.errors[0];
    return document.toJS() as Manifest;
  });

let schemas: Map<string, ValidateFunction> | undefined;

/** What the tool's own schema has against a manifest, a field that it does not know among it. */
export function manifestFaults({ apiVersion, kind, ...rest }: Manifest): string[] {
  schemas ??= readSchemas();
  const validate = schemas.get(`${apiVersion} ${kind}`);
  if (!validate) return [`there is no ${kind} of ${apiVersion}`];
  if (validate({ apiVersion, kind, ...rest })) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

function readSchemas(): Map<string, ValidateFunction> {
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  const found = readdirSync(CRDS).flatMap((file): [string, object][] => {
    const text = readFileSync(join(CRDS, file), 'utf8');
    if (file.endsWith('.yaml')) return readDefinition(text);
    const named = /^([a-z.]+)_([a-z]+)_(v\w+)\.json$/.exec(file);
    const [, group, kind, version] = named ?? [];
    return named ? [[`${group}/${version} ${kind}`.toLowerCase(), JSON.parse(text) as object]] : [];
  });
  return new LowerCaseMap(found.map(([name, schema]) => [name, ajv.compile(closed(schema) as object)]));
}

class LowerCaseMap extends Map<string, ValidateFunction> {
  override get(name: string): ValidateFunction | undefined {
    return super.get(name.toLowerCase());
  }
}

interface Definition {
  spec: {
    group: string;
    names: { kind: string };
    versions: { name: string; schema: { openAPIV3Schema: object } }[];
  };
}

function readDefinition(text: string): [string, object][] {
  const { spec } = parse(text) as Definition;
  return spec.versions.map(({ name, schema }) => [
    `${spec.group}/${name} ${spec.names.kind}`.toLowerCase(),
    schema.openAPIV3Schema,
  ]);
}

/** Kubernetes drops fields that a schema does not name; here they are faults. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const own = schema as Record<string, unknown>;
  const copy = Object.fromEntries(Object.entries(own).map(([key, value]) => [key, closed(value)]));
  const isOpen = own['x-kubernetes-preserve-unknown-fields'] === true || own.additionalProperties !== undefined;
  return typeof own.properties === 'object' && !isOpen ? { ...copy, additionalProperties: false } : copy;
}
