import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { load } from 'js-yaml';
import { isJson, type Node, pointer, Walk } from './document.js';

/** An answer as it went out, with the request that it belongs to. Header names are in lower case. */
export interface Answer {
  method: string;
  /** Without the query. */
  path: string;
  query: URLSearchParams;
  requestHeaders: readonly string[];
  status: number;
  headers: Readonly<Record<string, string>>;
  body: Buffer;
}

export interface Verdict {
  faults: string[];
  /** What the answer showed of that which the contract declares, in the words of {@link Contract.declared}. */
  seen: string[];
  /** Whether a body was compared with a schema. */
  bodyChecked: boolean;
}

const FILE = new URL('../../../openapi.yaml', import.meta.url);

/** Headers of the transport and of the browser's cross-origin checks: they are no part of the API. */
const TRANSPORT = /^(date|connection|keep-alive|transfer-encoding|content-length|content-type|vary|access-control-.*)$/;

/** The committed contract, asked whether an answer is one that it allows. */
export class Contract {
  private readonly document: Node;
  private readonly walk: Walk;
  private readonly routes: { template: string; pattern: RegExp }[];
  private readonly common: ReadonlySet<string>;
  private readonly ajv = new Ajv2020({ strict: false, allErrors: true });

  constructor(text = readFileSync(FILE, 'utf8')) {
    this.document = load(text) as Node;
    this.walk = new Walk(this.document);
    formats.default(this.ajv);
    this.ajv.addSchema(this.document, 'openapi');
    // A path without slots comes before one that a slot would match as well.
    const templates = Object.keys(this.document.paths ?? {}).sort((left, right) => slots(left) - slots(right));
    this.routes = templates.map((template) => ({ template, pattern: patternOf(template) }));
    this.common = new Set(Object.keys(this.document['x-common-headers'] ?? {}).map((name) => name.toLowerCase()));
  }

  /** Everything that a suite which tries all of the API sees at least once. */
  declared(): string[] {
    return this.walk.declared();
  }

  /** Null for what the contract does not speak of. */
  judge(answer: Answer): Verdict | null {
    const route = this.routes.find(({ pattern }) => pattern.test(answer.path));
    const method = answer.method.toLowerCase();
    const operation = route && this.document.paths?.[route.template]?.[method];
    if (!route || !operation) return null;
    const name = `${method} ${route.template}`;
    const isProblem = answer.status >= 400 && this.walk.statusesOf(operation).includes(answer.status);
    const key = isProblem ? 'default' : String(answer.status);
    const response = operation.responses?.[key];
    if (!response) return failed(name, answer, 'this status is not listed');
    const reference = response.$ref as unknown as string | undefined;
    const place = reference?.slice(1) ?? pointer('paths', route.template, method, 'responses', key);
    const verdict = this.judgeBody(name, answer, place);
    const seen = this.walk.seenIn(name, operation, response, answer);
    const faults = [...verdict.faults, ...this.headerFaults(this.walk.resolve(response), answer), ...this.lost(answer)];
    return { ...verdict, faults: faults.map((fault) => told(name, answer, fault)), seen };
  }

  /** What was created is found where the answer says. */
  private lost({ status, headers: { location } }: Answer): string[] {
    if (status !== 201 || location === undefined) return [];
    // A front takes off what is before it.
    const path = location.replace(/^.*?(?=\/api\/v1\/)/, '');
    const isRead = this.routes.some(
      ({ template, pattern }) => pattern.test(path) && this.document.paths?.[template]?.get !== undefined,
    );
    return isRead ? [] : [`nothing is read at its Location ${location}`];
  }

  private headerFaults(response: Node, { headers }: Answer): string[] {
    const known = new Set(Object.keys(response.headers ?? {}).map((name) => name.toLowerCase()));
    return Object.keys(headers)
      .filter((name) => !known.has(name) && !this.common.has(name) && !TRANSPORT.test(name))
      .map((name) => `the header ${name} is not listed`);
  }

  private judgeBody(name: string, { body, headers, status }: Answer, place: string): Omit<Verdict, 'seen'> {
    const content = this.walk.at(place).content ?? {};
    if (body.length === 0) {
      const faults = Object.keys(content).some(isJson) ? ['there is no body'] : [];
      return { faults, bodyChecked: false };
    }
    const [mediaType = ''] = (headers['content-type'] ?? '').split(';');
    if (!(mediaType in content)) return { faults: [`the media type "${mediaType}" is not listed`], bodyChecked: false };
    if (!isJson(mediaType)) return { faults: [], bodyChecked: false };
    const validate = this.schemaAt(place + pointer('content', mediaType, 'schema'));
    const json: unknown = JSON.parse(body.toString('utf8'));
    const problem = json as { code?: string; status?: number };
    const faults = validate(json) ? [] : [this.ajv.errorsText(validate.errors)];
    if (status >= 400 && problem.status !== status) faults.push(`the Problem says ${problem.status}`);
    if (status >= 400 && !this.walk.codesOf(name).includes(problem.code ?? '')) {
      faults.push(`the code ${problem.code} is not listed`);
    }
    return { faults, bodyChecked: true };
  }

  private schemaAt(place: string): ValidateFunction {
    const validate = this.ajv.getSchema(`openapi#${place}`);
    if (!validate) throw new Error(`openapi.yaml has no schema at ${place}`);
    return validate;
  }
}

let read: Contract | undefined;

/** The contract of this process: read when it is first asked for, and once for all test files that share their modules. */
export const theContract = (): Contract => (read ??= new Contract());

const told = (name: string, { status }: Answer, fault: string): string => `${name} ${status}: ${fault}`;

const failed = (name: string, answer: Answer, fault: string): Verdict => ({
  faults: [told(name, answer, fault)],
  seen: [],
  bodyChecked: false,
});

const slots = (template: string): number => template.split('{').length;

const patternOf = (template: string): RegExp => {
  const literal = template.replaceAll(/[.+?^$()|[\]\\]/g, '\\$&');
  return new RegExp(`^${literal.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`);
};
