import { connect } from '../../database/connect.js';
import { messageOf } from '../../domain/message-of.js';
import { hasQueueTables } from '../../queue/queue-backend.js';
import { redisState } from '../../queue/redis-state.js';
import { ANSWER_MS, type Check, type Finding, failed, ok, warning } from './check.js';

/** Host and port alone: the URL may hold a password. */
async function lookAtRedis(url: string): Promise<Finding[]> {
  const { host } = new URL(url);
  try {
    const { version, policy, role } = await redisState(url, ANSWER_MS);
    if (role === 'slave') {
      return [failed(`Redis at ${host} is a replica and takes no changes.`, 'Set REDIS_URL to the primary.')];
    }
    if (policy !== 'noeviction') {
      return [
        warning(
          `Redis ${version} at ${host} has maxmemory-policy ${policy}: it may throw the queue away.`,
          'Set maxmemory-policy to noeviction.',
        ),
      ];
    }
    return [ok(`Redis ${version} at ${host} answers, with maxmemory-policy noeviction.`)];
  } catch (error) {
    return [
      failed(
        `Redis at ${host} does not answer as it should: ${messageOf(error)}.`,
        'Start it, or correct REDIS_URL; until then work begins later.',
      ),
    ];
  }
}

export const redis: Check = {
  name: 'queue',
  needs: 'nothing',
  look: ({ config }) => lookAtRedis(config.redisUrl ?? ''),
};

export const queueTables: Check = {
  name: 'queue',
  needs: 'database',
  look: async ({ urls }) => {
    const client = await connect(urls.databaseUrl);
    try {
      if (await hasQueueTables(client)) return [ok('The tables of the queue are in the database.')];
    } finally {
      await client.end();
    }
    return [
      failed(
        'The database lacks the tables of the queue, or its role may not use them.',
        'Run "npm run migrate", with DATABASE_OWNER_URL where the tables belong to another role.',
      ),
    ];
  },
};
