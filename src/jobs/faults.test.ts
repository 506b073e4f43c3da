import { describe, expect, it } from 'vitest';
import { DomainError } from '../domain/errors.js';
import { SystemFault } from '../domain/system-fault.js';
import { backoffSeconds, isRetried, longestPause } from './faults.js';

describe('isRetried', () => {
  const unreachable = new DomainError('remoteUnreachable', '');
  const rejected = new DomainError('remoteRejected', '');
  it('never gives up on an accepted edit, but for one that waits for its owner', () => {
    expect(isRetried('push', rejected)).toBe(true);
    expect(isRetried('discard', unreachable)).toBe(true);
    expect(isRetried('push', new DomainError('draftConflict', ''))).toBe(false);
  });
  it('retries publications over faults that pass, and ends them over others', () => {
    expect(isRetried('publish', unreachable)).toBe(true);
    expect(isRetried('publish', rejected)).toBe(false);
    expect(isRetried('delete', new DomainError('remoteAuthFailed', ''))).toBe(false);
  });
  it('leaves syncs to the poll', () => {
    expect(isRetried('sync', unreachable)).toBe(false);
  });
});

it('does not keep other processes for long from what one lacks', () => {
  expect(longestPause(new DomainError('remoteUnreachable', ''), 300)).toBe(300);
  expect(longestPause(new SystemFault('SealingKeyMissing', '', undefined), 300)).toBe(10);
  expect(longestPause(new SystemFault('SealingKeyMissing', '', undefined), 4)).toBe(4);
});

describe('backoffSeconds', () => {
  it('grows, stays within its bounds, and is never zero', () => {
    for (let attempts = 1; attempts < 40; attempts += 1) {
      expect(backoffSeconds(attempts, 30, 0)).toBeGreaterThan(0);
      expect(backoffSeconds(attempts, 30, 1)).toBeLessThanOrEqual(30);
    }
    expect(backoffSeconds(1, 30, 1)).toBeLessThan(backoffSeconds(4, 30, 1));
  });
});
