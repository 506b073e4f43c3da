import type { Answer, Client } from '../chaos/client.js';
import { configMap } from '../support/steps.js';

/** A draft of a new package with one file; null where no answer says that there is one. */
export async function draft(client: Client, repositoryId: string, name: string): Promise<Answer | null> {
  const source = { type: 'init' };
  const created = await client.post('/package-revisions', { repositoryId, package: name, workspace: 'w1', source });
  if (created.status !== 201) return null;
  const files = { 'config.yaml': configMap(name, 'first') };
  await client.once('PATCH', `/package-revisions/${created.body.id}/resources`, '*', { files });
  return client.get(`/package-revisions/${created.body.id}`);
}

/** The same as a proposal. */
export async function proposal(client: Client, repositoryId: string, name: string): Promise<Answer | null> {
  const made = await draft(client, repositoryId, name);
  if (made?.status !== 200) return null;
  const proposed = await client.post(`/package-revisions/${made.body.id}/propose`);
  return proposed.status === 200 ? client.get(`/package-revisions/${made.body.id}`) : null;
}

/** Approves what was seen. */
export const approve = (client: Client, seen: Answer): Promise<Answer> =>
  client.post(`/package-revisions/${seen.body.id}/approve`, undefined, { 'If-Match': `"${seen.etag}"` });

/** How an operation has ended; null where that is not known in time. */
export async function endOf(client: Client, operationId: string, seconds = 60): Promise<Answer | null> {
  for (const end = Date.now() + seconds * 1_000; Date.now() < end;) {
    const answer = await client.get(`/operations/${operationId}?wait=5`);
    if (['succeeded', 'failed', 'cancelled'].includes(String(answer.body.state))) return answer;
  }
  return null;
}
