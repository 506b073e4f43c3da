import type { TestApi } from './api.js';

export interface Answer {
  status: number;
  headers: Headers;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into bodies of every shape
  body: any;
}

/** Sends JSON to a path below `/api/v1` and reads what comes back, success or not. */
export async function callApi(
  api: TestApi,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(`${api.url}/api/v1${path}`, {
    method,
    headers: { ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
}

export const gitOf = (name: string, more: object = {}) => ({ url: `https://git.example.com/${name}.git`, ...more });

/** Forgets all repositories and credentials, and who rang. */
export async function clear(api: TestApi): Promise<void> {
  await api.database.client.$executeRaw`TRUNCATE repository, operation, idempotency_key, credential CASCADE`;
  api.doorbell.rings.length = 0;
}

/** A draft of a package in the repository, written as the rows that an accepted POST would leave. */
export async function addDraft(api: TestApi, repository: { id: string; name: string }): Promise<void> {
  const now = new Date();
  const stamp = { createdAt: now, updatedAt: now };
  const packageId = '0199a0de-7a3e-7cc1-a6a5-58d3d44e5a01';
  await api.database.client.package.create({
    data: { id: packageId, repositoryId: repository.id, path: 'a', realm: '', name: 'a', ...stamp },
  });
  await api.database.client.packageRevision.create({
    data: {
      id: '0199a0de-7a3e-7cc1-a6a5-58d3d44e5a02',
      repositoryId: repository.id,
      repositoryName: repository.name,
      packageId,
      path: 'a',
      realm: '',
      packageName: 'a',
      name: `catalog.${repository.name}..a.w`,
      workspace: 'w',
      lifecycle: 'draft',
      source: { type: 'init' },
      tree: '4b825dc642cb6eb9a060e54bf8d69288fbee4904',
      gitState: 'pending',
      createdBy: 'ada',
      updatedBy: 'ada',
      ...stamp,
    },
  });
}
