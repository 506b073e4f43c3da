import { describe, expect, it } from 'vitest';
import { readMessage, writeMessage } from '../../domain/commit-message.js';
import type { RevisionSource } from '../../domain/revision.js';
import { readSource, sourceTrailers } from './source-record.js';

/** What is read of a commit that says how a revision came to be. */
const recorded = (source: RevisionSource): RevisionSource => {
  const message = writeMessage({ subject: 'Draft', trailers: [...sourceTrailers(source), ['Operation', 'x']] });
  return readSource(readMessage(message).trailers);
};

describe('how a revision came to be', () => {
  it.each<RevisionSource>([
    { type: 'init' },
    { type: 'clone' },
    { type: 'copy', revision: 'v1' },
    { type: 'copy', commit: 'a'.repeat(40) },
    {
      ...{ type: 'upgrade', revision: 'v3', from: 'nf/core/v1', to: 'nf/core/v2', strategy: 'resource-merge' },
      resolutions: { '5f0c1a2b3d4e5f60': 'theirs', '0b1c2d3e4f506172': 'value' },
    },
    {
      ...{ type: 'upgrade', revision: 'release 7', from: 'a b/v1', to: 'ü/v2', strategy: 'copy-merge' },
      resolutions: {},
    },
    { type: 'discovered' },
  ])('is read again as it was written: $type', (source) => {
    expect(recorded(source)).toEqual(source);
  });

  it.each(['upgrade v1', 'upgrade v1\nUpgrade: a b no-strategy', 'upgrade', 'something else'])(
    'is not known where nobody can have written it: %j',
    (text) => {
      const trailers = readMessage(`Draft\n\nSource: ${text}\n`).trailers;
      expect(readSource(trailers)).toEqual({ type: 'discovered' });
    },
  );
});
