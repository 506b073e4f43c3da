import { describe, expect, it } from 'vitest';
import { kubernetesName } from './delivered-package.js';

describe('a name that Kubernetes takes', () => {
  it.each([
    ['clusters/edge-1/web', /^clusters-edge-1-web-[0-9a-f]{8}$/],
    ['Edge_1/Wäb', /^edge-1-w-b-[0-9a-f]{8}$/],
    ['', /^p-[0-9a-f]{8}$/],
    ['--é--', /^p-[0-9a-f]{8}$/],
    [`${'x'.repeat(53)}/y`, /^x{53}-[0-9a-f]{8}$/],
    ['x'.repeat(300), /^x{54}-[0-9a-f]{8}$/],
  ])('of "%s" is %s', (readable, expected) => {
    const name = kubernetesName(readable);
    expect(name).toMatch(expected);
    expect(name.length).toBeLessThanOrEqual(63);
  });

  it('is the same for the same, and another for what only looks alike', () => {
    const same = [
      ['a/b', 'https://x'],
      ['a/b', 'https://x'],
    ].map(([readable = '', ...parts]) => kubernetesName(readable, ...parts));
    expect(new Set(same).size).toBe(1);
    const others = ['a/b', 'a-b', 'A/b', 'a//b'].flatMap((text) => [kubernetesName(text), kubernetesName(text, 'x')]);
    expect(new Set(others).size).toBe(8);
  });
});
