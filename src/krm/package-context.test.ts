import { expect, it } from 'vitest';
import { parseKrm } from './parse.js';
import { packageContext, setPackageContextName } from './package-context.js';

it('writes the ConfigMap that kpt functions look for', () => {
  expect(packageContext('web')).toBe(`apiVersion: v1
kind: ConfigMap
metadata:
  name: kptfile.kpt.dev
  annotations:
    config.kubernetes.io/local-config: "true"
data:
  name: web
`);
  expect(parseKrm(Buffer.from(packageContext('1.0'))).parseError).toBeNull();
});

it('changes only the name in a file that is there', () => {
  const text = '# mine\r\nkind: ConfigMap\r\ndata:\r\n  b: c  \r\n  name: "old" # c\r\n';
  expect(setPackageContextName(text, 'new')).toBe(text.replace('"old"', 'new'));
  expect(setPackageContextName(packageContext('a'), 'b')).toBe(packageContext('b'));
});

it('refuses a file it cannot change', () => {
  expect(() => setPackageContextName('- a', 'b')).toThrow(/package-context\.yaml/);
});
