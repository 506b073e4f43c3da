import fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { AccessGuard } from '../access/guard.js';
import { type ScopedNoun, ScopeStore } from '../access/scope.store.js';
import { addAccessHook } from './access-hook.js';

const THINGS: ScopedNoun = {
  collection: 'things',
  noun: 'thing',
  read: 'packages.read',
  table: 'thing',
};

/** An application of one route, with the access hook as the service adds it. */
function route(url: string, permission: string, nouns: readonly ScopedNoun[]): void {
  const scopes = new ScopeStore(undefined as never);
  for (const noun of nouns) scopes.register(noun);
  const app = fastify();
  addAccessHook(app, {
    guard: new AccessGuard(scopes),
    authenticator: undefined as never,
    rateLimits: undefined as never,
  });
  app.get(url, { config: { permission } }, () => 'ok');
}

describe('a route about a resource', () => {
  it('fails the start where no module has registered the scope of its collection', () => {
    expect(() => route('/api/v1/things/:id', 'packages.read', [])).toThrow('No module registers the scope of');
    expect(() => route('/api/v1/things/:id/parts', 'packages.read', [])).toThrow('/api/v1/things/{id}');
  });

  it('is taken where one has, and where nobody has to be let in', () => {
    expect(() => route('/api/v1/things/:id', 'packages.read', [THINGS])).not.toThrow();
    expect(() => route('/api/v1/things/:id', 'public', [])).not.toThrow();
    expect(() => route('/api/v1/things', 'packages.read', [])).not.toThrow();
  });

  it('has one noun for its collection', () => {
    expect(() => route('/api/v1/things/:id', 'packages.read', [THINGS, THINGS])).toThrow('Two nouns');
  });
});
