/**
 * The SQL that leads from one Prisma schema to another; from nothing when `before` is left out. Empty: no difference.
 * `url` names a server, which the engine only asks for its version.
 */
export function schemaSql(url: string, after: string, before?: string): Promise<string>;
