import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ForwardProxies } from './forward-proxy.js';
import { HostRefusedError } from './host-policy.js';
import { type ProbeOptions, probeHost } from './host-probe.js';

const closing: Server[] = [];
afterEach(() => {
  for (const server of closing.splice(0)) server.close();
});

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(server);
  return (server.address() as AddressInfo).port;
}

const answering = (status: number): Promise<number> =>
  listen(createHttpServer((request, response) => response.writeHead(status).end(request.url)));
/** Says this, or nothing. */
const saying = (text: string): Promise<number> => listen(createServer((socket) => void (text && socket.write(text))));

const probe = (url: string, options: Partial<ProbeOptions> = {}) =>
  probeHost(new URL(url), { allowedHosts: ['127.0.0.1'], timeoutMs: 500, ...options });

describe('probeHost', () => {
  it.each([200, 401, 404, 503])('gives the status %d, whatever it is', async (status) => {
    expect(await probe(`http://127.0.0.1:${await answering(status)}/team/one.git`)).toMatchObject({ status });
  });

  it('knows SSH by its first line, and nothing else for it', async () => {
    expect(await probe(`ssh://git@127.0.0.1:${await saying('SSH-2.0-OpenSSH_9.2\r\n')}/one.git`)).toEqual({
      status: null,
    });
    await expect(probe(`ssh://git@127.0.0.1:${await saying('220 mail\r\n')}/one.git`)).rejects.toThrow(
      'does not speak SSH',
    );
  });

  it.each(['http://', 'ssh://git@'])('gives a host up that says nothing: %s', async (scheme) => {
    await expect(probe(`${scheme}127.0.0.1:${await saying('')}/one.git`)).rejects.toThrow(/ in time\.$/);
  });

  it('goes through the forward proxy, and says where that is at fault', async () => {
    const through = async (httpProxy: string) =>
      probe('http://127.0.0.1:1/one.git', { proxies: new ForwardProxies({ httpProxy }) });
    const proxy = `127.0.0.1:${await answering(401)}`;
    expect(await through(`http://me:hunter2@${proxy}`)).toEqual({ status: 401, proxy: `${proxy} (HTTP_PROXY)` });
    await expect(through(`http://127.0.0.1:${await answering(407)}`)).rejects.toThrow(/HTTP 407\): it asks for a user/);
  });

  it('asks nobody whom the policy refuses', async () => {
    const url = `http://127.0.0.1:${await answering(200)}/one.git`;
    await expect(probe(url, { allowedHosts: [] })).rejects.toThrow(HostRefusedError);
    await expect(probe('ssh://git@localhost/one.git', { allowedHosts: [] })).rejects.toThrow(HostRefusedError);
  });
});
