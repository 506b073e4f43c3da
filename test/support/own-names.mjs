import dns from 'node:dns';
import { readFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/**
 * Loaded into a program before it starts: names below `rebinding.test` lead where the file NAMES says by then, as if
 * somebody changed their records. It has a list of answers for each, which take turns; each is a list of addresses.
 */
const { NAMES } = process.env;
const { lookup } = dns;
let turn = 0;
dns.lookup = (name, options, callback) => {
  if (!name.endsWith('.rebinding.test')) return lookup(name, options, callback);
  const [answer, settings] = typeof options === 'function' ? [options, {}] : [callback, options];
  const answers = JSON.parse(readFileSync(NAMES, 'utf8'))[name];
  const found = answers[turn++ % answers.length].map((address) => ({ address, family: 4 }));
  process.nextTick(() => (settings.all ? answer(null, found) : answer(null, found[0].address, 4)));
};
syncBuiltinESMExports();
