import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ContentFile } from '../../content/content.js';
import { assertPaths, encode, type FileEdit, patchFiles, replaceFiles } from './file-edit.js';

const stored = (path: string, mode = '100644'): ContentFile => ({
  path,
  mode,
  oid: path.padEnd(40, '0'),
  sizeBytes: 1,
});
const paths = (entries: { path: string }[]) => entries.map((entry) => entry.path);
const text = ({ written }: FileEdit) =>
  Object.fromEntries(written.map((file) => [file.path, Buffer.from(file.content).toString()]));

describe('replaceFiles', () => {
  it('keeps nothing but symlinks and submodules', () => {
    const edit = replaceFiles([stored('a'), stored('link', '120000'), stored('module', '160000')], { b: 'B' });
    expect(text(edit)).toEqual({ b: 'B' });
    expect(paths(edit.kept)).toEqual(['link', 'module']);
  });

  it('keeps the mode of a file that says nothing of it', () => {
    const edit = replaceFiles([stored('run', '100755'), stored('off', '100755')], {
      run: 'x',
      off: { content: 'x', executable: false },
      new: 'x',
    });
    expect(edit.written.map(({ path, mode }) => [path, mode])).toEqual([
      ['run', '100755'],
      ['off', '100644'],
      ['new', '100644'],
    ]);
  });
});

describe('patchFiles', () => {
  it('keeps what is not named', () => {
    const edit = patchFiles([stored('a'), stored('b'), stored('c')], { a: null, b: 'B', d: null });
    expect(text(edit)).toEqual({ b: 'B' });
    expect(paths(edit.kept)).toEqual(['c']);
  });

  it('keeps the bytes where only the mode is named', () => {
    const edit = patchFiles([stored('a')], { a: { executable: true } });
    expect(edit).toEqual({ written: [], kept: [stored('a', '100755')] });
  });

  it('names every file that cannot be taken', () => {
    const patch = {
      a: { encoding: 'base64' as const },
      'b/~': {},
      c: '\udfff',
      d: { content: '=', encoding: 'base64' as const },
    };
    expect(() => patchFiles([stored('a')], patch)).toThrow(
      expect.objectContaining({
        code: 'invalidBody',
        data: {
          errors: [
            expect.objectContaining({ pointer: '/files/a', code: 'required' }),
            expect.objectContaining({ pointer: '/files/b~1~0', code: 'required' }),
            expect.objectContaining({ pointer: '/files/c', code: 'invalidContent' }),
            expect.objectContaining({ pointer: '/files/d', code: 'invalidContent' }),
          ],
        },
      }),
    );
  });
});

describe('assertPaths', () => {
  const written = (...names: string[]) => names.map((path) => ({ path, mode: '100644', content: Buffer.from('') }));

  it.each([
    ['over a submodule', ['vendor'], [stored('vendor', '160000')]],
    ['into a submodule', ['vendor/a/b'], [stored('vendor', '160000')]],
    ['over the folder of a symlink', ['dir'], [stored('dir/link', '120000')]],
    ['below a file that stays', ['a/b'], [stored('a')]],
    ['below a file that is written', ['a', 'a/b'], []],
  ])('refuses to write %s', (_, names, kept) => {
    expect(() => assertPaths({ written: written(...names), kept })).toThrow(
      expect.objectContaining({ code: 'invalidPath' }),
    );
  });

  it('takes names that only begin alike', () => {
    expect(() =>
      assertPaths({ written: written('vendor2', 'a-b'), kept: [stored('vendor', '160000'), stored('a/b')] }),
    ).not.toThrow();
  });

  it('needs one file', () => {
    expect(() => assertPaths({ written: [], kept: [stored('link', '120000')] })).toThrow(
      expect.objectContaining({ code: 'invalidPackage' }),
    );
  });
});

describe('encode', () => {
  it('gives content that is the same bytes when it is sent back', () => {
    const characters = fc.array(fc.constantFrom('a', '\r\n', '\0', '\ufeff', 'ü', '語', '😀'));
    const bytes = fc.oneof(
      fc.uint8Array(),
      characters.map((list) => Buffer.from(list.join(''))),
    );
    fc.assert(
      fc.property(bytes, (content) => {
        const back = replaceFiles([], { file: encode(content) });
        expect(Buffer.compare(back.written[0]?.content ?? Buffer.of(0), content)).toBe(0);
      }),
    );
  });

  it('gives text with a byte order mark as text, and NUL as bytes', () => {
    expect(encode(Buffer.from('\ufeffa'))).toEqual({ content: '\ufeffa', encoding: 'utf8' });
    expect(encode(Buffer.from('a\0'))).toEqual({ content: 'YQA=', encoding: 'base64' });
  });
});
