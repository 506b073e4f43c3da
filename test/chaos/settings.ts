/** What happens seldom happens often here. */
export const SETTINGS = {
  AUTH: 'required',
  CREDENTIALS_KEY: Buffer.alloc(32, 7).toString('base64'),
  LEASE_SECONDS: '1',
  SWEEP_INTERVAL_MS: '100',
  SYNC_INTERVAL_SECONDS: '1',
  RETRY_MAX_SECONDS: '1',
  GIT_TIMEOUT_SECONDS: '2',
  GIT_CONNECT_TIMEOUT_SECONDS: '1',
  GIT_TRANSPORT: process.env.GIT_TRANSPORT ?? '',
};

export const RARELY = { SYNC_INTERVAL_SECONDS: '86400' };
