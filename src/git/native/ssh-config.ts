export interface SshTimes {
  connectTimeoutMs: number;
  idleTimeoutMs: number;
}

const seconds = (milliseconds: number): number => Math.max(1, Math.ceil(milliseconds / 1000));

/**
 * The whole configuration of ssh: given one, it reads neither the user's nor the machine's. It connects to `address`
 * and expects the key of `host`. Files are beside it.
 */
export function sshConfig(host: string, port: string, address: string, times: SshTimes): string {
  const options = {
    HostName: address,
    // Known hosts name a port other than 22 so; an address they need not name.
    HostKeyAlias: port === '22' ? host : `[${host}]:${port}`,
    IdentityFile: 'key',
    IdentitiesOnly: 'yes',
    IdentityAgent: 'none',
    PreferredAuthentications: 'publickey',
    UserKnownHostsFile: 'known_hosts',
    GlobalKnownHostsFile: 'none',
    StrictHostKeyChecking: 'yes',
    UpdateHostKeys: 'no',
    CheckHostIP: 'no',
    VerifyHostKeyDNS: 'no',
    BatchMode: 'yes',
    ClearAllForwardings: 'yes',
    ForwardAgent: 'no',
    ForwardX11: 'no',
    PermitLocalCommand: 'no',
    ControlMaster: 'no',
    ControlPath: 'none',
    ProxyCommand: 'none',
    CanonicalizeHostname: 'no',
    EscapeChar: 'none',
    RequestTTY: 'no',
    LogLevel: 'ERROR',
    ConnectionAttempts: 1,
    ConnectTimeout: seconds(times.connectTimeoutMs),
    ServerAliveInterval: seconds(times.idleTimeoutMs / 2),
    ServerAliveCountMax: 2,
  };
  return `Host *\n${Object.entries(options)
    .map(([name, value]) => `  ${name} ${value}\n`)
    .join('')}`;
}
