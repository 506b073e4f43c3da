import { describe, expect, it } from 'vitest';
import { withContext } from '../logging/request-context.js';
import { currentTrace, readTrace, writeTrace } from './traceparent.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const VALID = `00-${TRACE}-${SPAN}-01`;

describe('a traceparent', () => {
  it.each([
    [VALID, true],
    [`00-${TRACE}-${SPAN}-00`, false],
    [`00-${TRACE}-${SPAN}-03`, true],
    [`00-${TRACE}-${SPAN}-fe`, false],
    [`cc-${TRACE}-${SPAN}-01`, true],
    [`cc-${TRACE}-${SPAN}-01-what-the-future-will-be-like`, true],
  ])('%s is read', (traceparent, sampled) => {
    expect(readTrace({ traceparent, tracestate: undefined })).toEqual({ traceId: TRACE, spanId: SPAN, sampled });
  });

  it.each([
    ['nothing', undefined],
    ['two headers', [VALID, VALID]],
    ['two headers that were joined', `${VALID}, ${VALID}`],
    ['more behind version 00', `${VALID}-more`],
    ['more without a dash behind a later version', `cc-${TRACE}-${SPAN}-01.more`],
    ['version ff', `ff-${TRACE}-${SPAN}-01`],
    ['capital letters', VALID.toUpperCase()],
    ['a trace of zeros', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['a span of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['a trace that is too short', `00-${TRACE.slice(1)}-${SPAN}-01`],
    ['no flags', `00-${TRACE}-${SPAN}`],
    ['blanks around it', ` ${VALID}`],
    ['a line more', `${VALID}\n`],
  ])('with %s is ignored, and the tracestate with it', (_, traceparent) => {
    expect(readTrace({ traceparent, tracestate: 'vendor=1' })).toBeUndefined();
  });

  it('is written as version 00, with the tracestate that came', () => {
    const headers = { traceparent: VALID, tracestate: 'rojo=00f067aa0ba902b7,congo=t61rcWkgMzE' };
    const read = readTrace(headers);
    expect(read && writeTrace(read)).toEqual(headers);
    const later = readTrace({ ...headers, traceparent: `cc-${TRACE}-${SPAN}-ff-more` });
    expect(later && writeTrace(later)).toEqual(headers);
  });

  it.each([
    ['that is empty', ''],
    ['that is too long', `vendor=${'x'.repeat(512)}`],
    ['with letters beyond ASCII', 'vendor=ü'],
  ])('is kept without a tracestate %s', (_, tracestate) => {
    expect(readTrace({ traceparent: VALID, tracestate })).toEqual({ traceId: TRACE, spanId: SPAN, sampled: true });
  });

  it('is that of the work under way', () => {
    expect(currentTrace()).toBeUndefined();
    withContext({ trace: { traceId: TRACE, spanId: SPAN, sampled: true } }, () =>
      expect(currentTrace()).toEqual({ traceparent: VALID }),
    );
  });
});
