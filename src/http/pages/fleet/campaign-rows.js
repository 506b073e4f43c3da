/** What a campaign is shown as, and what its events change. */

/** The states of items in the order of a bar: what is done first. */
export const STATES = [
  { state: 'done', sign: '✓', tone: 'good' },
  { state: 'published', sign: '●', tone: 'good' },
  { state: 'publishing', sign: '▶', tone: 'work' },
  { state: 'proposed', sign: '◐', tone: 'work' },
  { state: 'failed', sign: '✕', tone: 'bad' },
  { state: 'conflicted', sign: '≠', tone: 'warn' },
  { state: 'setAside', sign: '↷', tone: 'warn' },
  { state: 'planned', sign: '○', tone: 'quiet' },
  { state: 'unplanned', sign: '○', tone: 'quiet' },
  { state: 'skipped', sign: '–', tone: 'quiet' },
  { state: 'excluded', sign: '–', tone: 'quiet' },
  { state: 'upToDate', sign: '=', tone: 'quiet' },
];

const KNOWN = new Map(STATES.map((known) => [known.state, known]));
const ENDED = ['done', 'failed', 'skipped', 'setAside', 'excluded', 'upToDate'];

/** How a state is shown; also one that is not known here. */
export const lookOf = (state) => ({
  ...(KNOWN.get(state) ?? { state, sign: '?', tone: 'quiet' }),
  label: wordOf(state),
});

/** `set aside` of `setAside`. */
export const wordOf = (name) => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

/** The parts of a progress bar. */
export function stateParts(counts) {
  const others = Object.keys(counts).filter((state) => !KNOWN.has(state));
  return [...KNOWN.keys(), ...others]
    .map((state) => ({ ...lookOf(state), count: counts[state] ?? 0 }))
    .filter(({ count }) => count > 0);
}

/** `Running, wave 2 of 3 (rest): 4 of 6 ended, 1 failed.` */
export function sentenceOf({ state, progress, waves }) {
  const { wave, counts } = progress;
  const of = (states) => states.reduce((sum, name) => sum + (counts[name] ?? 0), 0);
  const all = of(Object.keys(counts));
  const place = wave === null ? '' : `, wave ${wave + 1} of ${waves.length} (${waves[wave]?.name ?? '?'})`;
  const bad = ['failed', 'setAside', 'conflicted'].filter((name) => counts[name] > 0);
  const faults = bad.map((name) => `, ${counts[name]} ${wordOf(name)}`).join('');
  const word = wordOf(state);
  return `${word[0].toUpperCase()}${word.slice(1)}${place}: ${of(ENDED)} of ${all} ended${faults}.`;
}

/** What changes items of which no event tells one by one. */
const OF_ALL = /\.(planned|started|finished)$/;

/** What is to be read again because of events. */
export class Changes {
  #campaign = false;
  #allItems = false;
  #items = new Set();

  constructor(campaignId) {
    this.campaignId = campaignId;
  }

  /** Whether any of the events is about the campaign. */
  take(events) {
    const own = events.filter(({ data }) => data?.campaign?.id === this.campaignId);
    for (const { type, data } of own) {
      this.#campaign = true;
      if (data.campaign.item) this.#items.add(data.campaign.item.id);
      if (OF_ALL.test(type)) this.#allItems = true;
    }
    return own.length > 0;
  }

  /**
   * What has changed since the last call: the campaign, and the page of items, if one of those `shown` has, or if `filtered` ones are
   * shown: any may be among them now.
   */
  due({ shown, filtered }) {
    const items = this.#items.size > 0 && (filtered || shown.some((id) => this.#items.has(id)));
    const due = { campaign: this.#campaign, items: items || this.#allItems };
    this.#allItems = false;
    this.#campaign = false;
    this.#items.clear();
    return due;
  }
}
