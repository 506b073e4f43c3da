import { expect, it } from 'vitest';
import { type Answer, Contract } from '../support/contract/contract.js';

// The watch itself, tried with each fault that it is there for.
const contract = new Contract();

const FIELDS = {
  id: '0199a0de-7a3e-7cc1-a6a5-58d3d44e5a0c',
  role: 'viewer',
  subject: { type: 'user', name: 'ada' },
  repositoryId: null,
  path: null,
  createdAt: '2026-03-14T09:26:53.589Z',
  createdBy: 'ada',
  etag: 'e',
};

function answer(body: unknown, more: Partial<Answer> = {}): Answer {
  return {
    method: 'GET',
    path: '/api/v1/role-bindings/0199a0de-7a3e-7cc1-a6a5-58d3d44e5a0c',
    query: new URLSearchParams(),
    requestHeaders: [],
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8', etag: '"e"', 'x-request-id': '1' },
    body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    ...more,
  };
}

const { createdBy: _, ...withoutCreator } = FIELDS;
const problem = { type: 'urn:x', title: 'x', status: 404, detail: 'x', code: 'notFound' };
const asProblem = { headers: { 'content-type': 'application/problem+json' } };

it('finds no fault in an answer that is as the contract says', () => {
  expect(contract.judge(answer(FIELDS))).toMatchObject({ faults: [], bodyChecked: true });
  expect(contract.judge(answer(problem, { status: 404, ...asProblem }))).toMatchObject({
    faults: [],
    bodyChecked: true,
  });
});

it('does not speak of what is no part of the API', () => {
  expect(contract.judge(answer(FIELDS, { path: '/docs' }))).toBeNull();
});

it.each<[string, Answer, RegExp]>([
  ['a required property that is left out', answer(withoutCreator), /must have required property 'createdBy'/],
  ['a property that is not declared', answer({ ...FIELDS, colour: 'red' }), /must NOT have additional properties/],
  ['a property of another type', answer({ ...FIELDS, createdBy: 7 }), /createdBy must be string/],
  ['a status that is not declared', answer(FIELDS, { status: 203 }), /this status is not listed/],
  ['a problem that is not declared', answer(problem, { status: 409, ...asProblem }), /this status is not listed/],
  ['another media type', answer('x', { headers: { 'content-type': 'text/html' } }), /"text\/html" is not listed/],
  ['a header that is not declared', answer(FIELDS, { headers: { ...answer(0).headers, 'x-new': '1' } }), /x-new/],
  ['a body that is left out', answer('', { headers: {} }), /there is no body/],
  [
    'a Problem of another status',
    answer({ ...problem, status: 410 }, { status: 404, ...asProblem }),
    /the Problem says 410/,
  ],
  [
    'a Problem of a code that the operation does not declare',
    answer({ ...problem, code: 'drift' }, { status: 404, ...asProblem }),
    /the code drift is not listed/,
  ],
])('finds %s', (_name, given, fault) => {
  expect(contract.judge(given)?.faults).toEqual([expect.stringMatching(fault)]);
});

it('tells what an answer has shown of that which is declared', () => {
  const declared = contract.declared();
  expect(declared.length).toBeGreaterThan(500);
  const seen = contract.judge(answer(FIELDS))?.seen ?? [];
  const name = 'get /api/v1/role-bindings/{id} 200';
  expect(seen).toEqual(
    expect.arrayContaining([name, `${name} application/json`, `${name} etag`, 'RoleBinding.createdBy']),
  );
  expect(declared).toEqual(expect.arrayContaining([name, `${name} application/json`, `${name} etag`]));
  expect(seen).not.toContain('RoleBinding.path');
});
