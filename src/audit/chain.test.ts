import { expect, it } from 'vitest';
import type { AuditEntry } from '../database/generated/client.js';
import { linkHash, ORIGIN } from './chain.js';

const ENTRY: AuditEntry = {
  id: '0199a0de-7a3e-7cc1-a6a5-58d3d44e5a0c',
  time: new Date('2026-03-14T09:26:53.589Z'),
  actor: 'ada',
  tokenId: '0199a0de-0000-7000-8000-000000000001',
  action: 'approvePackageRevision',
  outcome: 'succeeded',
  resourceType: 'PackageRevision',
  resourceId: '0199a0de-0000-7000-8000-000000000002',
  repositoryId: '0199a0de-0000-7000-8000-000000000003',
  path: 'edge-1/core',
  before: 'a',
  after: 'b',
  reason: 'urgent',
  requestId: 'r1',
  operationId: '0199a0de-0000-7000-8000-000000000004',
  address: '10.0.0.7',
};

/** Another value for each column; one that is missing does not compile. */
const OTHER: Required<AuditEntry> = {
  id: '0199a0de-7a3e-7cc1-a6a5-58d3d44e5a0d',
  time: new Date('2026-03-14T09:26:53.590Z'),
  actor: null,
  tokenId: null,
  action: 'rejectPackageRevision',
  outcome: 'denied',
  resourceType: null,
  resourceId: null,
  repositoryId: null,
  path: null,
  before: null,
  after: null,
  reason: null,
  requestId: null,
  operationId: null,
  address: null,
};

it.each(Object.keys(OTHER) as (keyof AuditEntry)[])(
  'the hash of a link covers the column %s of its entry',
  (column) => {
    const changed = { ...ENTRY, [column]: OTHER[column] };
    expect(linkHash(ORIGIN, changed)).not.toEqual(linkHash(ORIGIN, ENTRY));
  },
);

it('the hash of a link covers the link before', () => {
  expect(linkHash(linkHash(ORIGIN, ENTRY), ENTRY)).not.toEqual(linkHash(ORIGIN, ENTRY));
});

it('a value that moves from one column to the next is another entry', () => {
  const [one, two] = [
    { ...ENTRY, before: 'a', after: null },
    { ...ENTRY, before: null, after: 'a' },
  ];
  expect(linkHash(ORIGIN, one)).not.toEqual(linkHash(ORIGIN, two));
});
