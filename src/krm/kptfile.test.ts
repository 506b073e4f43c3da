import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DomainError } from '../domain/errors.js';
import { newKptfile, mayHaveGates, readKptfile, setPackageName, setUpstream } from './kptfile.js';
import { readMapping } from './yaml-patch.js';

const upstream = {
  repo: 'https://git.example/catalog.git',
  directory: '/nf/example',
  ref: 'nf/example/v1',
  commit: '0123456789abcdef0123456789abcdef01234567',
};
const written = `upstream:
  type: git
  git:
    repo: https://git.example/catalog.git
    directory: /nf/example
    ref: nf/example/v1
  updateStrategy: resource-merge
upstreamLock:
  type: git
  git:
    repo: https://git.example/catalog.git
    directory: /nf/example
    ref: nf/example/v1
    commit: 0123456789abcdef0123456789abcdef01234567
`;

describe('newKptfile', () => {
  it('writes what kpt pkg init writes', () => {
    expect(newKptfile({ name: 'web' })).toBe(`apiVersion: kpt.dev/v1
kind: Kptfile
metadata:
  name: web
  annotations:
    config.kubernetes.io/local-config: "true"
info:
  description: sample description
`);
  });

  it('reads back as it was asked for, whatever the words are', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1 });
    fc.assert(
      fc.property(text, text, fc.array(text, { minLength: 1 }), (name, description, keywords) => {
        const file = readMapping(newKptfile({ name, description, keywords }));
        expect(file).toMatchObject({ metadata: { name }, info: { description, keywords } });
      }),
    );
  });

  it.each([
    'true',
    'no',
    'y',
    '1.10',
    '1e3',
    'null',
    '~',
    '0x1f',
    'a: b',
    'a #b',
    '- a',
    ' a',
    'a\nb',
    'é',
    '\u2028',
    '12:30',
  ])('quotes %j, which some parser would take for something else', (name) => {
    expect(newKptfile({ name })).toContain('name: "');
    expect(readMapping(newKptfile({ name }))).toMatchObject({ metadata: { name } });
  });
});

describe('setUpstream', () => {
  it('adds what is missing behind the metadata and leaves comments where they are', () => {
    const before = `# top\napiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: web # its name\n`;
    const after = `\n# about\ninfo:   {description: "x"}   \n`;
    expect(setUpstream(before + after, upstream)).toBe(before + written + after);
  });

  it('replaces what is there, comments behind it kept', () => {
    const before = 'apiVersion: kpt.dev/v1\nkind: Kptfile\nupstream: {type: git} # old\n# between\nupstreamLock:\n';
    const [block, lock] = written.split('upstreamLock:');
    expect(setUpstream(`${before}    type: git\n    git: {repo: x}\n\npipeline: {}\n`, upstream)).toBe(
      `apiVersion: kpt.dev/v1\nkind: Kptfile\n${block?.trimEnd()} # old\n# between\nupstreamLock:${lock}\npipeline: {}\n`,
    );
  });

  it('keeps Windows line breaks and a missing one at the end', () => {
    const text = 'apiVersion: kpt.dev/v1\r\nkind: Kptfile\r\nmetadata:\r\n  name: web';
    expect(setUpstream(text, upstream)).toBe(`${text}\r\n${written.trimEnd().replaceAll('\n', '\r\n')}`);
  });

  it.each([
    ['flow style', '{apiVersion: kpt.dev/v1, kind: Kptfile, metadata: {name: web}, info: {a: b} # c\n}\n'],
    ['JSON', '{\n\t"apiVersion": "kpt.dev/v1",\n\t"kind": "Kptfile",\n\t"metadata": {"name": "web"}\n}\n'],
    ['a byte order mark', '\ufeffapiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: web\n'],
    [
      'an empty document before it',
      '# first\n---\n---\napiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: web\n',
    ],
  ])('writes into %s, and the rest stays', (_, text) => {
    const { commit, ...pinned } = upstream;
    const patched = setUpstream(text, upstream);
    expect(readKptfile(patched)).toMatchObject({ upstream: pinned, upstreamLock: { ...pinned, commit } });
    expect(isSubsequence([...text], [...patched])).toBe(true);
    expect(setUpstream(patched, upstream)).toBe(patched);
    if (text.startsWith('{\n')) expect(() => void JSON.parse(patched)).not.toThrow();
  });

  it('quotes a commit that reads as a number', () => {
    const commit = '1234567890123456789012345678901234567e12';
    const text = setUpstream(newKptfile({ name: 'a' }), { ...upstream, commit });
    expect(text).toContain(`commit: "${commit}"`);
    expect(readKptfile(text)?.upstreamLock?.commit).toBe(commit);
  });
});

describe('setPackageName', () => {
  it.each([
    ['a plain name', 'metadata:\n  name: old # c\n', 'metadata:\n  name: new # c\n'],
    ['a quoted name', 'metadata:\n  name: "old"  \n', 'metadata:\n  name: new  \n'],
    ['a name on the next line', 'metadata:\n  name:\n    old\n', 'metadata:\n  name:\n    new\n'],
    ['a block scalar', 'metadata:\n  name: |-\n    old\n  a: b\n', 'metadata:\n  name: new\n  a: b\n'],
    ['flow style', 'metadata: {a: b, name: old}\n', 'metadata: {a: b, name: new}\n'],
    ['flow style without a name', 'metadata: {a: b}\n', 'metadata: {name: new, a: b}\n'],
    ['an empty name', 'metadata:\n  name:\n', 'metadata:\n  name: new\n'],
    ['no name', 'metadata:\n    labels: {}\n', 'metadata:\n    name: new\n    labels: {}\n'],
    ['no metadata', 'info: {}\n', 'metadata:\n  name: new\ninfo: {}\n'],
    ['empty metadata', 'metadata:\ninfo: {}\n', 'metadata:\n  name: new\ninfo: {}\n'],
  ])('changes %s', (_, text, expected) => {
    const head = '---\nkind: Kptfile\n';
    expect(setPackageName(head + text, 'new')).toBe(head + expected);
  });

  it.each([
    ['in flow style', '{kind: Kptfile}', '{kind: Kptfile, metadata: {name: new}}'],
    ['in JSON', '{"kind": "Kptfile"}', '{"kind": "Kptfile", "metadata": {"name": "new"}}'],
    ['named in JSON', '{"metadata": {"name":"old"}}', '{"metadata": {"name":"new"}}'],
    [
      'in JSON over lines',
      '{\n  "metadata": {\n    "a": 1\n  }\n}\n',
      '{\n  "metadata": {\n    "name": "new", "a": 1\n  }\n}\n',
    ],
    ['behind a byte order mark', '\ufeffkind: Kptfile\n', '\ufeffkind: Kptfile\nmetadata:\n  name: new\n'],
    ['behind an empty document', '---\n---\nkind: Kptfile\n', '---\n---\nkind: Kptfile\nmetadata:\n  name: new\n'],
    ['before an empty document', 'kind: Kptfile\n---\n# end\n', 'kind: Kptfile\nmetadata:\n  name: new\n---\n# end\n'],
    ['named twice', 'metadata:\n  name: a\n  name: b\n', 'metadata:\n  name: a\n  name: new\n'],
    [
      'with a comment behind the colon',
      'metadata: # c\n  name: # d\n    old\n',
      'metadata: # c\n  name: # d\n    new\n',
    ],
    ['with an explicit key', '? metadata\n: name: old\n', '? metadata\n: name: new\n'],
  ])('changes a file %s', (_, text, expected) => {
    expect(setPackageName(text, 'new')).toBe(expected);
  });

  it('leaves a file that has the name alone', () => {
    const text = 'kind: Kptfile\nmetadata: {name: "web" }';
    expect(setPackageName(text, 'web')).toBe(text);
  });

  it.each([
    ['no YAML', 'a: b: c'],
    ['a list', '- kind: Kptfile'],
    ['two documents', 'kind: Kptfile\n---\nkind: Kptfile\n'],
    ['nothing', ''],
    ['an anchor that is used elsewhere', 'kind: Kptfile\nmetadata:\n  name: &n old\n  x: *n\n'],
    ['a nest too deep', '['.repeat(10_000)],
  ])('refuses %s', (_, text) => {
    expect(() => setPackageName(text, 'new')).toThrow(DomainError);
  });
});

describe('a patched Kptfile', () => {
  const comment = fc.constantFrom('', ' # c', '   ');
  const section = fc.constantFrom(
    'info:\n  description: |\n    text [ {\n\n  keywords: [a]',
    'pipeline:\n  mutators:\n  - image: x:1\n    configMap: {"a": \'b\'}',
    '# a comment\nstatus: {}',
    'upstream:\n  type: git\n  git:\n    repo: x',
    'upstreamLock: {type: git}',
    'metadata:\n  name: old\n  labels:\n    a: b',
    'metadata: {name: old}',
    '"quoted": >-\n  folded\n  text',
  );
  const kptfile = fc
    .record({
      sections: fc.uniqueArray(section, { selector: (text) => text.split(':')[0]?.replace(/.*\n/, '') }),
      comment,
      lineBreak: fc.constantFrom('\n', '\r\n'),
      end: fc.constantFrom('', '\n', '\n\n', '\n...\n'),
    })
    .map(({ sections, comment, lineBreak, end }) => {
      const text = ['apiVersion: kpt.dev/v1', 'kind: Kptfile', ...sections].join(`${comment}\n`) + end;
      return text.replaceAll('\n', lineBreak);
    });

  it('reads as what was set, keeps everything else, and does not change when patched again', () => {
    fc.assert(
      fc.property(kptfile, fc.string({ unit: 'grapheme-ascii', minLength: 1 }), (text, name) => {
        const patched = setUpstream(setPackageName(text, name), upstream);
        const { commit, ...pinned } = upstream;
        expect(readKptfile(patched)).toMatchObject({ upstream: pinned, upstreamLock: { ...pinned, commit } });
        expect(readMapping(patched)).toMatchObject({ metadata: { name } });
        expect(setUpstream(setPackageName(patched, name), upstream)).toBe(patched);
        const others = (file: string) =>
          Object.entries(readMapping(file) ?? {}).filter(([key]) => !/^(metadata|upstream|upstreamLock)$/.test(key));
        expect(others(patched)).toEqual(others(text));
        // Every line that says nothing about the name or the upstream is still there, in its order.
        const kept = text.split(/\r?\n/).filter((line) => !/upstream|git|repo|name/.test(line));
        expect(isSubsequence(kept, patched.split(/\r?\n/))).toBe(true);
        expect(patched.includes('\r\n')).toBe(text.includes('\r\n'));
      }),
      { numRuns: 100 },
    );
  });
});

describe('readKptfile', () => {
  it('reads gates, and leaves out those of a wrong shape', () => {
    const text =
      'kind: Kptfile\ninfo:\n  readinessGates:\n    - conditionType: Ready\n    - wrong\n    - conditionType: 1\n';
    expect(readKptfile(text)?.readinessGates).toEqual(['Ready']);
  });

  it('reads parts of a wrong shape as missing', () => {
    const text = 'kind: Kptfile\nmetadata: []\ninfo: 1\nupstream: {git: {repo: 1}}\nupstreamLock: x\nstatus: [a]\n';
    expect(readKptfile(text)).toEqual({ upstream: null, upstreamLock: null, readinessGates: [] });
  });

  it.each(['', 'kind: Pod', '[', 'a: b: c', '- kind: Kptfile'])('reads nothing from %j', (text) => {
    expect(readKptfile(text)).toBeNull();
  });
});

describe('the gates of a Kptfile', () => {
  const gate = '\n    - conditionType: Ready\n';
  it.each([
    `kind: Kptfile\ninfo:\n  readinessGates:${gate}`,
    `kind: Kptfile\ninfo:\n  "readiness\\x47ates":${gate}`,
    `kind: Kptfile\ninfo:\n  ? "readiness\\\n    Gates"\n  :${gate}`,
    `kind: Kptfile\ninfo: &info\n  ? readinessGates\n  : - conditionType: Ready\n`,
    `{"kind": "Kptfile", "info": {"readinessGates": [{"conditionType": "Ready"}]}}`,
  ])('finds the gate however its key is written: %j', (text) => {
    expect(mayHaveGates(Buffer.from(text))).toBe(true);
    expect(readKptfile(text)?.readinessGates).toEqual(['Ready']);
  });

  it.each(['', 'kind: Kptfile\n', 'kind: Pod\ninfo: {readinessGates: [{conditionType: Ready}]}', '[ readinessGates'])(
    'finds none in %j',
    (text) => {
      expect(mayHaveGates(Buffer.from(text)) ? (readKptfile(text)?.readinessGates ?? []) : []).toEqual([]);
    },
  );
});

function isSubsequence(part: readonly string[], whole: readonly string[]): boolean {
  let at = 0;
  for (const line of whole) if (line === part[at]) at += 1;
  return at === part.length;
}
