import type { ApiClient } from './api-client.js';
import { terminal } from './terminal.js';

interface Repository {
  id: string;
  name: string;
  status: {
    conditions: { type: string; status: string; message: string }[];
    packageCount: number;
    revisionCount: number;
  };
}
interface Token {
  token: string;
  expiresAt: string;
}

/** Gives the id of the repository, once all that it holds is known. */
export async function register(api: ApiClient, body: { name: string; deployment: boolean; git: { url: string } }) {
  const created = await api.send<Repository>('POST', '/repositories', { body, expect: 201 });
  terminal.answer(created.status, `registered ${created.body.name}`);
  const path = `/repositories/${created.body.id}/sync`;
  const { status, body: repository } = await api.send<Repository>('POST', path, { wait: true, expect: 200 });
  const ready = repository.status.conditions.find((condition) => condition.type === 'Ready');
  if (ready?.status !== 'True') throw new Error(`${body.name} is not ready: ${ready?.message}`);
  const { packageCount, revisionCount } = repository.status;
  terminal.answer(status, `Ready: ${packageCount} packages, ${revisionCount} revisions`);
  return repository.id;
}

export async function admit(
  api: ApiClient,
  user: string,
  role: { role: string; repositoryId?: string; path?: string },
) {
  const body = { ...role, subject: { type: 'user', name: user } };
  const { status } = await api.send('POST', '/role-bindings', { body, expect: 201 });
  terminal.answer(status, `${user}: ${role.role}${role.path === undefined ? '' : ` of ${role.path}`}`);
}

export async function giveToken(api: ApiClient, user: string): Promise<void> {
  const body = { description: 'demo', user };
  const { status, body: made } = await api.send<Token>('POST', '/api-tokens', { body, expect: 201 });
  terminal.answer(status, `${made.token.slice(0, 8)}… works until ${made.expiresAt}`);
  api.signIn(user, made.token);
}
