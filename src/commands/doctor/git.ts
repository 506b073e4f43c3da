import { searchPath } from '../../config/config.js';
import { hostOf } from '../../domain/git-url.js';
import { messageOf } from '../../domain/message-of.js';
import { gitVersion, isRecentGit, OLDEST_GIT } from '../../git/native/git-version.js';
import { ForwardProxies } from '../../net/forward-proxy.js';
import { probeHost } from '../../net/host-probe.js';
import { HostRefusedError } from '../../net/host-policy.js';
import { ANSWER_MS, type Check, type Finding, failed, ok, type Reached, warning } from './check.js';

const MOST_HOSTS = 20;

export const nativeGit: Check = {
  name: 'git',
  needs: 'nothing',
  look: async ({ config: { gitTransport } }) => {
    if (gitTransport === 'javascript') return [ok('GIT_TRANSPORT is javascript: no git is needed.')];
    const version = await gitVersion(searchPath());
    if (version !== null && isRecentGit(version)) return [ok(`git ${version} is on the PATH.`)];
    const lacks = version === null ? 'There is no git on the PATH' : `git ${version} is older than ${OLDEST_GIT}`;
    const advice = `Install git ${OLDEST_GIT} or newer.`;
    if (gitTransport === 'native') return [failed(`${lacks}, and GIT_TRANSPORT is native.`, advice)];
    return [warning(`${lacks}: ssh:// URLs cannot be read, and large repositories take longer.`, advice)];
  },
};

interface Place {
  url: string;
  caBundle: string | null;
}

export const gitHosts: Check = {
  name: 'git hosts',
  needs: 'tables',
  look: async ({ config, database }) => {
    // One of each host: what is asked is whether the host is there.
    const places = await database.client.$queryRaw<Place[]>`
      SELECT DISTINCT ON (substring(r.url FROM '^[a-z]+://[^/]*')) r.url, c.ca_bundle AS "caBundle"
      FROM repository r LEFT JOIN credential c ON c.id = r.credential_id
      ORDER BY substring(r.url FROM '^[a-z]+://[^/]*'), r.name LIMIT ${MOST_HOSTS + 1}`;
    if (places.length === 0) return [ok('No repository is registered.')];
    const found = await Promise.all(places.slice(0, MOST_HOSTS).map((place) => lookAtHost(place, config)));
    return places.length > MOST_HOSTS ? [...found, ok(`Only ${MOST_HOSTS} hosts are looked at.`)] : found;
  },
};

async function lookAtHost({ url, caBundle }: Place, config: Reached['config']): Promise<Finding> {
  const host = hostOf(url);
  try {
    const { status, proxy } = await probeHost(new URL(url), {
      allowedHosts: config.gitAllowedHosts,
      allowHttp: config.gitAllowHttp,
      proxies: new ForwardProxies(config),
      timeoutMs: ANSWER_MS,
      ca: caBundle ?? undefined,
    });
    const way = proxy === undefined ? 'directly' : `through the proxy ${proxy}`;
    if (status !== null && status >= 500) {
      return warning(
        `${host} is reached ${way}, and answers HTTP ${status}.`,
        'Look after the host, or what is in front of it.',
      );
    }
    return ok(`${host} is reached ${way} (${status === null ? 'SSH' : `HTTP ${status}`}).`);
  } catch (error) {
    if (error instanceof HostRefusedError) {
      return failed(
        `${host} is refused: ${error.message}`,
        'Name it in GIT_ALLOWED_HOSTS, or correct the repository’s URL.',
      );
    }
    return failed(
      messageOf(error),
      'Let this machine reach it: routes, firewall, HTTPS_PROXY and certificates (caBundle).',
    );
  }
}
