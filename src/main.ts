import { nodeTooOld } from './node-version.js';

const sentence = nodeTooOld(process.versions.node);
if (sentence !== null) {
  console.error(sentence);
  process.exit(1);
}
// Loaded only now: an older Node already fails at what its modules import of each other.
await import('./program.js');
