import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readMessage, writeMessage } from './commit-message.js';

describe('writeMessage', () => {
  it('writes subject, body, kpt line and trailers', () => {
    const text = writeMessage({
      subject: 'Approve nf/example v1',
      body: 'Why it is good.\n',
      trailers: [
        ['Package', 'nf/example'],
        ['Revision', 'v1'],
      ],
      kpt: { package: 'nf/example', workspaceName: 'w', revision: '1', task: { type: 'init' } },
    });
    expect(text).toBe(`Approve nf/example v1

Why it is good.

kpt:{"package":"nf/example","workspaceName":"w","revision":"1","task":{"type":"init"}}

Package: nf/example
Revision: v1
`);
  });

  it('folds values and drops what Git cannot hold', () => {
    const text = writeMessage({ subject: ' a\r\nb\0 ', trailers: [['By', 'x\nPackage: y\ud800']] });
    expect(text).toBe('a b\n\nBy: x Package: y\ufffd\n');
  });

  it.each(['a b', '', 'a:', 'kpt', 'Päckage'])('refuses the trailer key %j', (key) => {
    expect(() => writeMessage({ subject: 'a', trailers: [[key, 'b']] })).toThrow(TypeError);
  });
});

describe('a message whose subject and body come from a user', () => {
  const hostile = fc
    .array(
      fc.constantFrom(
        'kpt:{"package":"evil"}',
        'pkg-server:{"package":"evil"}',
        'kpt:',
        'pkg-server:',
        'KPT :',
        '{"package":"evil"}',
        'Package: evil',
        'Key',
        ': ',
        '\n',
        '\r',
        '\n\n',
        ' ',
        'words',
        '---',
      ),
    )
    .map((parts) => parts.join(''));

  it('says what the program says', () => {
    fc.assert(
      fc.property(hostile, hostile, hostile, (subject, body, value) => {
        const kpt = { package: 'good', workspaceName: 'w', revision: '0' };
        const message = readMessage(
          writeMessage({
            subject,
            body,
            trailers: [
              ['Package', 'good'],
              ['By', value],
            ],
            kpt,
          }),
        );
        expect([...message.trailers.keys()]).toEqual(['Package', 'By']);
        expect(message.trailers.get('Package')).toBe('good');
        expect(message.kpt).toEqual(kpt);
        expect(message.pkgserver).toBeNull();
      }),
    );
  });

  it('says nothing where the program says nothing', () => {
    fc.assert(
      fc.property(hostile, hostile, (subject, body) => {
        const message = readMessage(writeMessage({ subject, body, trailers: [] }));
        expect(message).toMatchObject({ trailerList: [], kpt: null, pkgserver: null });
      }),
    );
  });
});

describe('readMessage', () => {
  it('reads the dialects of Porch', () => {
    expect(readMessage('Approve pkg/v1\n\nkpt:{"package":"pkg","revision":"v1"}\n')).toMatchObject({
      subject: 'Approve pkg/v1',
      kpt: { package: 'pkg', revision: 'v1' },
      trailerList: [],
    });
    const draft =
      'Intermediate commit: eval\n\nkpt:{"package":"p","workspaceName":"w","revision":"0","task":{"type":"eval"}}';
    expect(readMessage(draft).kpt).toEqual({ package: 'p', workspaceName: 'w', revision: '0', task: { type: 'eval' } });
    expect(readMessage('x\nkpt:{"revision":3,"package":["a"]}').kpt).toEqual({ revision: '3' });
  });

  it('reads the line of pkgserver', () => {
    expect(readMessage('draft\n\npkg-server:{"a":{"b":1}}\n').pkgserver).toEqual({ a: { b: 1 } });
    expect(readMessage('draft\n\npkg-server:{}\n').pkgserver).toEqual({});
  });

  it.each(['kpt:', 'kpt:{', 'kpt:null', 'kpt:[]', 'kpt:"a"', ' kpt:{}', 'xkpt:{}', 'kpt :{}'])(
    'reads %j as if it had none',
    (line) => {
      expect(readMessage(`a\n\n${line}\n`)).toMatchObject({ kpt: null, pkgserver: null });
    },
  );

  it('takes the last of several', () => {
    const message = readMessage('a\n\nkpt:{"package":"a"}\nkpt:{"package":"b"}\nkpt:{\n\nBy: x\nBy: y\n');
    expect(message.kpt).toEqual({ package: 'b' });
    expect(message.trailers.get('By')).toBe('y');
    expect(message.trailerList).toEqual([
      ['By', 'x'],
      ['By', 'y'],
    ]);
  });

  it('reads trailers that are folded or stand with other lines of data', () => {
    expect(readMessage('a\r\n\r\nBy: x\r\n  and y\r\nkpt:{}\r\n\r\n').trailerList).toEqual([['By', 'x and y']]);
  });

  it.each(['Package: a', 'a\nPackage: a', 'a\n\nb\nPackage: a', 'a\n\nPackage: a\n\nb', ''])(
    'finds no trailers in %j',
    (text) => {
      expect(readMessage(text).trailerList).toEqual([]);
    },
  );
});
