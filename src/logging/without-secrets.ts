const SECRETS = new Set(['password', 'token', 'privateKey', 'secret', 'authorization', 'Authorization']);
/** Fields are looked through so deep: those of a line, their own, and those of these. */
const LEVELS = 3;

/**
 * A copy of what is logged, without the values of fields whose names say that they are secret. pino's own `redact` goes through
 * every line once for each name and level, which takes as long as all else that the line of a request takes.
 */
export function withoutSecrets(logged: unknown, levels = LEVELS): unknown {
  // What writes itself, as times do, has no fields in the log.
  if (typeof logged !== 'object' || logged === null || levels === 0 || 'toJSON' in logged) return logged;
  if (Array.isArray(logged)) return logged.map((item) => withoutSecrets(item, levels - 1));
  const shown: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(logged) as [string, unknown][]) {
    shown[key] = SECRETS.has(key) ? '[redacted]' : withoutSecrets(value, levels - 1);
  }
  return shown;
}
