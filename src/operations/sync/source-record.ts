import type { RevisionSource } from '../../domain/revision.js';
import { type ResolvedConflicts, UPGRADE_STRATEGIES, type UpgradeRecord } from '../../domain/upgrade.js';

/** The trailers that let {@link readSource} tell again how a revision came to be. */
export function sourceTrailers(source: RevisionSource): [string, string][] {
  if (source.type === 'discovered') return [];
  const trailers: [string, string][] = [['Source', writeSource(source)]];
  if (source.type === 'upgrade') trailers.push(['Upgrade', writeUpgrade(source)]);
  return trailers;
}

function writeSource(source: RevisionSource): string {
  if (source.type === 'upgrade') return `upgrade ${encodeURI(source.revision)}`;
  if (source.type !== 'copy') return source.type;
  return 'commit' in source ? `copy ${source.commit} head` : `copy ${encodeURI(source.revision)}`;
}

/** `FROM TO STRATEGY`, and behind them `CONFLICT=SIDE` for each conflict that was settled. */
function writeUpgrade({ from, to, strategy, resolutions }: UpgradeRecord): string {
  const settled = Object.entries(resolutions).map(([id, side]) => `${id}=${side}`);
  return [encodeURI(from), encodeURI(to), strategy, ...settled].join(' ');
}

function readUpgrade(text: string | undefined): UpgradeRecord | null {
  const [from = '', to = '', name, ...settled] = (text ?? '').split(' ');
  const strategy = UPGRADE_STRATEGIES.find((known) => known === name);
  if (strategy === undefined || from === '' || to === '') return null;
  const resolutions = settled.flatMap((pair) => {
    const [, id = '', side] = /^([0-9a-f]{16})=(ours|theirs|base|value|absent)$/.exec(pair) ?? [];
    return side === undefined ? [] : [[id, side]];
  });
  return {
    from: decoded(from),
    to: decoded(to),
    strategy,
    resolutions: Object.fromEntries(resolutions) as ResolvedConflicts,
  };
}

/** How a revision came to be, as the trailers of its commit say; `discovered` where they do not. */
export function readSource(trailers: ReadonlyMap<string, string>): RevisionSource {
  const [type, revision, head] = (trailers.get('Source') ?? '').split(' ');
  if (type === 'upgrade' && revision) {
    const upgrade = readUpgrade(trailers.get('Upgrade'));
    return upgrade === null ? { type: 'discovered' } : { type, revision: decoded(revision), ...upgrade };
  }
  if (type === 'copy' && head === 'head' && /^[0-9a-f]{40}$/.test(revision ?? ''))
    return { type, commit: revision ?? '' };
  if (type === 'copy' && revision) return { type, revision: decoded(revision) };
  return type === 'init' || type === 'clone' ? { type } : { type: 'discovered' };
}

/** What `encodeURI` wrote; anything else as it is. */
export function decoded(text: string): string {
  try {
    return decodeURI(text);
  } catch {
    return text;
  }
}
