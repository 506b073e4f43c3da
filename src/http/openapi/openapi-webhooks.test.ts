import { expect, it } from 'vitest';
import { EVENT_TYPE_NAMES, fullName } from '../../events/event-types.js';
import { eventWebhooks } from './openapi-webhooks.js';

it('every type of event is there, and no two have the same operationId', () => {
  const webhooks = eventWebhooks() as Record<string, { post: { operationId: string } }>;
  expect(Object.keys(webhooks)).toEqual(EVENT_TYPE_NAMES.map(fullName));
  const ids = Object.values(webhooks).map(({ post }) => post.operationId);
  expect(new Set(ids).size).toBe(EVENT_TYPE_NAMES.length);
  expect(ids.every((id) => /^on[A-Za-z]+$/.test(id))).toBe(true);
});
