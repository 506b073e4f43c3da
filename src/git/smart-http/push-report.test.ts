import { describe, expect, it } from 'vitest';
import { refusal } from './push-report.js';
import { Remarks } from './side-band.js';

const MAIN = 'refs/heads/main';
const TAG = 'refs/tags/a/v1';
const changes = [MAIN, TAG].map((ref) => ({ ref, expected: null, next: '1'.repeat(40) }));

function judge(reasons: Record<string, string>, { unpack = 'ok', says = '' } = {}) {
  const remarks = new Remarks();
  remarks.add(Buffer.from(says));
  return refusal(changes, { unpack, refs: new Map(Object.entries(reasons)), remarks });
}

describe('refusal', () => {
  it('is none when every ref is ok', () => {
    expect(judge({ [MAIN]: 'ok', [TAG]: 'ok' })).toBeNull();
  });

  it.each([
    'failed to update ref',
    'fetch first',
    'non-fast-forward',
    'stale info',
    'incorrect old value provided',
    'reference already exists',
    "cannot lock ref 'refs/heads/main': is at 11 but expected 22",
  ])('takes %j for a ref that moved', (reason) => {
    expect(judge({ [MAIN]: reason, [TAG]: 'ok' })).toMatchObject({
      code: 'staleRef',
      data: { refs: [{ ref: MAIN, reason }] },
    });
  });

  it.each(['pre-receive hook declined', 'hook declined', 'protected branch hook declined', 'deletion prohibited'])(
    'takes %j for a rejection',
    (reason) => {
      expect(judge({ [MAIN]: 'ok', [TAG]: reason })).toMatchObject({
        code: 'rejected',
        data: { refs: [{ ref: TAG, reason }] },
      });
    },
  );

  it('names the culprit and not those that fell with it', () => {
    expect(judge({ [MAIN]: 'atomic push failure', [TAG]: 'hook declined' })).toMatchObject({
      code: 'rejected',
      data: { refs: [{ ref: TAG, reason: 'hook declined' }] },
    });
    expect(judge({ [MAIN]: 'incorrect old value provided', [TAG]: 'atomic transaction failed' })).toMatchObject({
      code: 'staleRef',
      data: { refs: [{ ref: MAIN }] },
    });
  });

  it('takes a transaction that failed as a whole for a ref that moved, unless names clash', () => {
    const all = { [MAIN]: 'atomic transaction failed', [TAG]: 'atomic transaction failed' };
    expect(judge(all)).toMatchObject({ code: 'staleRef', data: { refs: [{ ref: MAIN }, { ref: TAG }] } });
    const says = "error: cannot lock ref 'refs/tags/a/v1': 'refs/tags/a' exists; cannot create 'refs/tags/a/v1'";
    expect(judge(all, { says })).toMatchObject({ code: 'rejected' });
  });

  it('quotes the remote, without control characters and not at length', () => {
    const says = `\x1b[1mno\x1b[0m deploys on friday\r\n${'x'.repeat(3000)}`;
    const error = judge({ [MAIN]: 'ok', [TAG]: 'hook declined' }, { says: says.slice(0, 2000) });
    expect(error?.message).toContain('remote: [1mno[0m deploys on friday');
    expect(error?.message).not.toContain('\x1b');
    expect(error?.message.length).toBeLessThanOrEqual(1024);
  });

  it('reports objects that were not taken in, and refs that were not mentioned', () => {
    expect(judge({}, { unpack: 'index-pack abnormal exit' })).toMatchObject({
      code: 'rejected',
      message: expect.stringContaining('index-pack abnormal exit'),
    });
    expect(judge({ [MAIN]: 'ok' })).toMatchObject({ code: 'rejected', data: { refs: [{ ref: TAG }] } });
  });
});
