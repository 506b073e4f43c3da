import { type Config, readConfig, StartupError } from '../../config/config.js';
import { misspelt } from '../../config/misspelt.js';
import { type Finding, failed, ok, warning } from './check.js';

/** The configuration, or null where it cannot be used; and what is to say of it. */
export function lookAtConfiguration(): { config: Config | null; findings: Finding[] } {
  const doubts = misspelt().map((sentence) => warning(sentence, 'Correct its name, or take it away.'));
  try {
    const config = readConfig();
    return { config, findings: doubts.length > 0 ? doubts : [ok('All variables can be read.')] };
  } catch (error) {
    if (!(error instanceof StartupError)) throw error;
    const mistakes = error.message
      .split('\n')
      .map((mistake) => failed(mistake, 'Correct it: docs/configuration.md has every variable.'));
    return { config: null, findings: [...mistakes, ...doubts] };
  }
}
