// Runs an embedded PostgreSQL until it is killed: node embedded-postgres-child.mjs <data folder>
import { EmbeddedPostgres } from '../../dist/database/embedded-postgres.js';

const server = await EmbeddedPostgres.start(process.argv[2]);
console.log(server.url);
process.stdin.resume();
