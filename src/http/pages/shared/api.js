import { errorOf, Refused } from './problem.js';
import { sleep } from './sleep.js';

const PAUSE_MS = 3_000;
const LARGEST_PAGE = 500;

/** Reads from the API, again and again where it is away. `told.away(why)` and `told.back()` tell of that. */
export class Api {
  #options;
  #isAway = false;

  /** @param {{ base: URL, headers: object, signal: AbortSignal, told: object, pause?: number }} options */
  constructor(options) {
    this.#options = options;
  }

  /**
   * The JSON at a path below `/api/v1/`. `query` has texts; what is undefined or empty is left out. Throws
   * {@link Refused} where the service says no; what passes by itself is waited for.
   */
  async get(path, query = {}) {
    const { base, headers, signal, told, pause = PAUSE_MS } = this.#options;
    const url = new URL(path, base);
    for (const [name, value] of Object.entries(query)) if (value) url.searchParams.set(name, value);
    for (;;) {
      try {
        const response = await fetch(url, { headers: { ...headers, Accept: 'application/json' }, signal });
        if (!response.ok) throw await errorOf(response);
        const answer = await response.json();
        if (this.#isAway) told.back();
        this.#isAway = false;
        return answer;
      } catch (error) {
        if (signal.aborted || error instanceof Refused) throw error;
        this.#isAway = true;
        told.away(error.message);
      }
      await sleep(pause, signal);
      signal.throwIfAborted();
    }
  }

  /** As `get`; undefined where there is no such thing, or none for this caller. */
  async find(path, query) {
    try {
      return await this.get(path, query);
    } catch (error) {
      if (error instanceof Refused && [403, 404].includes(error.status)) return undefined;
      throw error;
    }
  }

  /** The items of all pages. */
  async all(path, query = {}) {
    const items = [];
    let cursor = '';
    do {
      const page = await this.get(path, { pageSize: LARGEST_PAGE, ...query, cursor });
      items.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor);
    return items;
  }
}
