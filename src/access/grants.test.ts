import { describe, expect, it } from 'vitest';
import { type Grant, Grants } from './grants.js';
import { PathPattern } from './path-pattern.js';
import { PERMISSIONS, permissionsOf } from './permission.js';
import { isInstanceRole, ROLES, type Role } from './role.js';

const grant = (role: Role, repositoryId: string | null = null, path?: string): Grant => ({
  permissions: permissionsOf(role),
  repositoryId,
  path: path === undefined ? null : PathPattern.parse(path),
});
const grants = (...all: Grant[]) => new Grants(all);
const EDGE = { repositoryId: 'deploy', path: 'edge-1/core' };

describe('Grants', () => {
  it('allow nothing by themselves', () => {
    for (const permission of PERMISSIONS) {
      expect(grants().allows(permission, EDGE)).toBe(false);
      expect(grants().allowsSomewhere(permission)).toBe(false);
    }
    expect(grants().visibility('packages.read')).toEqual({ repositoryIds: [], paths: [] });
  });

  it('on the instance reach everywhere', () => {
    const all = grants(grant('approver'));
    expect(all.allows('packageRevisions.approve', EDGE)).toBe(true);
    expect(all.allows('packageRevisions.approve', {})).toBe(true);
    expect(all.allows('packageRevisions.edit', EDGE)).toBe(false);
    expect(all.visibility('packages.read')).toBe('all');
  });

  it('in a repository reach no other one, and not the instance', () => {
    const some = grants(grant('author', 'deploy'));
    expect(some.allows('packageRevisions.edit', EDGE)).toBe(true);
    expect(some.allows('packageRevisions.edit', { repositoryId: 'other', path: 'edge-1/core' })).toBe(false);
    expect(some.allows('packageRevisions.edit', {})).toBe(false);
  });

  it('on paths reach those, and let their repository be seen', () => {
    const some = grants(grant('approver', 'deploy', 'edge*/**'));
    expect(some.allows('packageRevisions.approve', EDGE)).toBe(true);
    expect(some.allows('packageRevisions.approve', { repositoryId: 'deploy', path: 'core' })).toBe(false);
    expect(some.allows('packages.read', { repositoryId: 'deploy', path: null })).toBe(false);
    expect(some.allows('repositories.read', { repositoryId: 'deploy' })).toBe(true);
    expect(some.allows('repositories.read', { repositoryId: 'other' })).toBe(false);
    expect(some.visibility('repositories.read')).toEqual({ repositoryIds: ['deploy'], paths: [] });
    expect(some.visibility('packages.read')).toMatchObject({ repositoryIds: [], paths: [{ repositoryId: 'deploy' }] });
  });

  it('name a repository once, however it is given', () => {
    const some = grants(grant('viewer', 'deploy'), grant('author', 'deploy'), grant('approver', 'deploy', 'a/**'));
    expect(some.visibility('packages.read')).toEqual({ repositoryIds: ['deploy'], paths: [] });
  });

  it('are narrowed to roles and repositories, and never widened', () => {
    const all = grants(grant('admin'), grant('author', 'deploy', 'edge*/**'));
    const narrow = all.narrowed(permissionsOf('viewer'), ['deploy']);
    expect(narrow.allows('packages.read', { repositoryId: 'deploy', path: 'x' })).toBe(true);
    expect(narrow.allows('packages.read', { repositoryId: 'other', path: 'x' })).toBe(false);
    expect(narrow.allows('packages.read', {})).toBe(false);
    expect(narrow.allows('packageRevisions.edit', EDGE)).toBe(false);
    const viewer = grants(grant('viewer', 'deploy')).narrowed(permissionsOf('admin'), ['deploy', 'other']);
    expect(viewer.allows('packageRevisions.edit', EDGE)).toBe(false);
    expect(viewer.allows('packages.read', { repositoryId: 'other', path: 'x' })).toBe(false);
  });
});

describe('roles', () => {
  it('below the administrators never reach beyond packages and their repository', () => {
    const beyond = PERMISSIONS.filter((permission) =>
      /^(credentials|apiTokens|auditEntries|metrics)\./.test(permission),
    );
    for (const role of ROLES.filter((role) => !isInstanceRole(role))) {
      for (const permission of [...beyond, 'repositories.create', 'packageRevisions.breakGlass'] as const) {
        expect(permissionsOf(role).has(permission), `${role}: ${permission}`).toBe(false);
      }
    }
  });

  it('keep drafting and approving apart', () => {
    expect(permissionsOf('author').has('packageRevisions.approve')).toBe(false);
    expect(permissionsOf('approver').has('packageRevisions.edit')).toBe(false);
    expect(permissionsOf('approver').has('packageRevisions.setConditions')).toBe(false);
    expect(permissionsOf('author').has('packageRevisions.setConditions')).toBe(false);
  });
});
