import { describe, expect, it } from 'vitest';
import { nameOfDelivered } from '../../../krm/delivery/delivered-package.js';
import { readArgocdNotification } from './argocd-notification.js';
import { packagesNamed, pathsLike } from './delivered-name.js';
import { readFluxEvent } from './flux-event.js';
import { commitIn } from './tool-report.js';

const OID = 'c0ffee5b7e2a4d6f8091a2b3c4d5e6f708192a3b';
const ID = '0199a0de-7a3e-7cc1-a6a5-58d3d44e5a0c';

describe('an event of Flux', () => {
  const involvedObject = {
    ...{ kind: 'Kustomization', namespace: 'flux-system', name: 'edge-1-web' },
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
  };
  const metadata = { 'kustomize.toolkit.fluxcd.io/revision': `main@sha1:${OID}` };
  const event = (given: object = {}) =>
    readFluxEvent({
      ...{ involvedObject, severity: 'info', timestamp: '2026-11-20T10:00:00Z', message: 'Done', metadata },
      ...{ reason: 'ReconciliationSucceeded', ...given },
    });

  it.each([
    ['ReconciliationSucceeded', 'info', 'delivered', 'healthy'],
    ['Progressing', 'info', 'progressing', 'unknown'],
    ['DependencyNotReady', 'error', 'progressing', 'unknown'],
    ['HealthCheckFailed', 'error', 'failed', 'degraded'],
    ['BuildFailed', 'error', 'failed', 'unknown'],
    ['error', 'error', 'failed', 'unknown'],
  ])('with the reason %s and the severity %s says %s, %s', (reason, severity, state, health) => {
    expect(event({ reason, severity })).toEqual({
      ...{ subject: 'Kustomization/flux-system/edge-1-web', packageId: null, name: 'edge-1-web', commit: OID },
      report: { tool: 'flux', state, health, message: 'Done', observedAt: new Date('2026-11-20T10:00:00Z') },
    });
  });

  it.each(['package', 'event.toolkit.fluxcd.io/package', 'kustomize.toolkit.fluxcd.io/package'])(
    'names its package by %s',
    (key) => {
      expect(event({ metadata: { ...metadata, [key]: ID } })).toMatchObject({ packageId: ID });
      expect(event({ metadata: { ...metadata, [key]: 'shop' } })).toMatchObject({ packageId: null });
    },
  );

  it.each([
    [{ involvedObject: { ...involvedObject, kind: 'HelmRelease' } }, 'Only the events of a Kustomization'],
    [{ involvedObject: { ...involvedObject, apiVersion: 'kustomize.config.k8s.io/v1' } }, 'Only the events of a'],
    [{ involvedObject: 'x' }, 'It is no event of Flux.'],
    [{ metadata: {} }, 'It names no commit.'],
    [{ metadata: { revision: 7 } }, 'It names no commit.'],
    [{ timestamp: 'yesterday' }, 'It names no time.'],
    [{ reason: 'constructor' }, 'Its reason says nothing'],
    [{ reason: 'Suspended' }, 'Its reason says nothing'],
  ])('with %j is none of a package', (given, reason) => {
    expect(event(given)).toMatchObject({ ignored: expect.stringContaining(reason) as string });
  });

  it('is cut to what can be stored', () => {
    const read = event({
      message: `\0${'x'.repeat(9_000)}`,
      involvedObject: { ...involvedObject, name: `\0${'n'.repeat(999)}` },
    });
    if ('ignored' in read) throw new Error(read.ignored);
    expect(read.report.message).toHaveLength(4096);
    expect(read.subject.length).toBeLessThanOrEqual(512);
    expect(read.subject).not.toContain('\0');
  });

  it('names its commit in any form', () => {
    for (const text of [OID, `main@sha1:${OID}`, `edge-1/web/v2@sha1:${OID}`, `main/${OID}`, `sha1:${OID}`])
      expect(commitIn(text), text).toBe(OID);
    for (const text of ['', 'main', '1.2.3', `x${OID}`, `main@sha1:${OID}0`, OID.toUpperCase()])
      expect(commitIn(text), text).toBeNull();
  });
});

describe('a notification of Argo CD', () => {
  const read = (given: object = {}) =>
    readArgocdNotification({
      ...{ package: ID, application: 'edge-1-web', namespace: 'argocd', sync: 'Synced', revision: OID },
      ...{ phase: 'Succeeded', operationRevision: OID, message: 'synced', health: 'Healthy' },
      ...{ observedAt: '2026-11-20T10:00:00.123Z', ...given },
    });

  it.each([
    ['Succeeded', 'Synced', 'Healthy', 'delivered', 'healthy'],
    ['Succeeded', 'Synced', 'Degraded', 'delivered', 'degraded'],
    ['Succeeded', 'Synced', 'Missing', 'delivered', 'degraded'],
    ['Succeeded', 'Synced', 'Suspended', 'delivered', 'unknown'],
    ['Succeeded', 'Synced', 'Progressing', 'progressing', 'unknown'],
    ['Succeeded', 'OutOfSync', 'Healthy', 'delivered', 'healthy'],
    ['Running', 'OutOfSync', 'Healthy', 'progressing', 'unknown'],
    ['Failed', 'OutOfSync', 'Healthy', 'failed', 'healthy'],
    ['Error', 'OutOfSync', '', 'failed', 'unknown'],
    ['', 'Synced', 'Healthy', 'delivered', 'healthy'],
  ])('of the phase %s, %s, %s says %s, %s', (phase, sync, health, state, expected) => {
    expect(read({ phase, sync, health })).toEqual({
      ...{ subject: 'Application/argocd/edge-1-web', packageId: ID, name: 'edge-1-web', commit: OID },
      report: {
        ...{ tool: 'argocd', state, health: expected, message: 'synced' },
        observedAt: new Date('2026-11-20T10:00:00.123Z'),
      },
    });
  });

  it('is about the commit that was synced, and not about one that is wanted', () => {
    const wanted = OID.replace('c0', 'aa');
    expect(read({ sync: 'OutOfSync', revision: wanted })).toMatchObject({ commit: OID });
    expect(read({ sync: 'Synced', revision: wanted })).toMatchObject({ commit: wanted });
  });

  it.each([
    [{ application: undefined }, 'not written by the template'],
    [{ phase: '', sync: 'OutOfSync' }, 'Nothing of it was synced yet.'],
    [{ revision: '' }, 'It names no commit.'],
    [{ observedAt: '' }, 'It names no time.'],
  ])('with %j is none of a package', (given, reason) => {
    expect(read(given)).toMatchObject({ ignored: expect.stringContaining(reason) as string });
  });
});

describe('the name of an object', () => {
  const url = 'https://git.example.com/fleet.git';
  const packages = ['edge-1/web', 'edge/1/web', 'edge-1/db', 'Edge_2/web', ''].map((path) => {
    return { id: path, path, url, directory: path === '' ? 'site' : 'clusters' };
  });
  const named = (name: string, exactly = false) => packagesNamed(name, packages, { exactly }).map(({ id }) => id);

  it('is that of a path, with the directory of the repository or without it', () => {
    expect(named('edge-1-db')).toEqual(['edge-1/db']);
    expect(named('clusters-edge-1-db')).toEqual(['edge-1/db']);
    expect(named('edge-2-web')).toEqual(['Edge_2/web']);
    expect(named('edge-1-web')).toEqual(['edge-1/web', 'edge/1/web']);
    expect(named('site')).toEqual(['']);
    expect(named('web')).toEqual([]);
    expect(named('edge-1-db', true)).toEqual([]);
  });

  it('that our manifests bear is of one package', () => {
    for (const { id, path, directory } of packages) {
      const name = nameOfDelivered({ url, directory: path === '' ? directory : `${directory}/${path}` });
      expect(named(name, true), name).toEqual([id]);
    }
  });

  it('is looked for by what the paths of all such packages match', () => {
    const like = (name: string) =>
      pathsLike(name, ['clusters', 'site']).map((pattern) => new RegExp(`^${pattern.replaceAll('%', '.*')}$`, 'i'));
    const long = { path: `edge-1/${'long/'.repeat(20)}web`, directory: 'clusters' };
    for (const { path, directory } of [...packages, long]) {
      const whole = path === '' ? directory : `${directory}/${path}`;
      const dashes = (text: string) => text.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
      for (const name of [
        nameOfDelivered({ url, directory: whole }),
        dashes(whole),
        ...(path === '' ? [] : [dashes(path)]),
      ])
        expect(
          like(name).some((pattern) => pattern.test(path)),
          `${name} ${path}`,
        ).toBe(true);
    }
  });
});
