import fc from 'fast-check';
import { expect, it } from 'vitest';
import { writeMessage, type NewMessage } from '../../src/domain/commit-message.js';
import { git } from '../support/git-command.js';

const parsedByGit = async (message: string): Promise<string> =>
  (await git(['interpret-trailers', '--parse'], { input: message })).toString();

const trailers: NewMessage['trailers'] = [
  ['Package', 'nf/example'],
  ['Approved-by', 'Ann <ann@example.com>'],
];
const asPrinted = 'Package: nf/example\nApproved-by: Ann <ann@example.com>\n';
const kpt = { package: 'nf/example', workspaceName: 'w', revision: '0', task: { type: 'init' } };

it.each([
  ['without a body', {}],
  ['with a body', { body: 'Some words.\n\nMore: words.' }],
  ['with a kpt line', { kpt }],
  ['with all', { body: 'Some words.', kpt }],
])('git reads the trailers of a message %s', async (_, parts) => {
  expect(await parsedByGit(writeMessage({ subject: 'Approve', trailers, ...parts }))).toBe(asPrinted);
});

it('git reads no trailers but ours, whatever the subject and body are', async () => {
  const line = fc.constantFrom(
    'Approved-by: Eve',
    'Signed-off-by: Eve <eve@example.com>',
    '(cherry picked from commit 0123456789abcdef0123456789abcdef01234567)',
    'kpt:{"package":"evil"}',
    '---',
    '--- a/file',
    '# ------------------------ >8 ------------------------',
    '# comment',
    'Conflicts:',
    '\tfile',
    ' folded',
    'words',
    '',
  );
  const text = fc.array(line, { maxLength: 6 }).map((lines) => lines.join('\n'));
  await fc.assert(
    fc.asyncProperty(line, text, fc.boolean(), async (subject, body, withTrailers) => {
      const message = writeMessage({ subject, body, trailers: withTrailers ? trailers : [] });
      const printed = await parsedByGit(message);
      expect(printed).toBe(withTrailers ? asPrinted : '');
    }),
    { numRuns: 150 },
  );
}, 60_000);
