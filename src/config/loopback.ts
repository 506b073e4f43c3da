import { isIPv4 } from 'node:net';

/** Hosts that only this machine can reach. */
export const isLoopback = (host: string): boolean =>
  ['localhost', '::1', '[::1]'].includes(host) || (isIPv4(host) && host.startsWith('127.'));
