/** What the hash of the address asks for: `#/packages/ID?diff=…`. Each view is a link so, and Back works. */

const VIEWS = { fleet: 'fleet', campaigns: 'campaigns', packages: 'package' };

/** `{ view, id, query }`; a view that does not exist is `unknown`. */
export function routeOf(hash) {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split(/\?(.*)/s);
  const [name = '', id] = path.split('/').map(decoded);
  const query = Object.fromEntries(new URLSearchParams(search));
  if (name === '') return { view: 'fleet', id: undefined, query };
  if (name === 'campaigns' && id) return { view: 'campaign', id, query };
  const view = Object.hasOwn(VIEWS, name) ? VIEWS[name] : 'unknown';
  return { view: view === 'package' && !id ? 'unknown' : view, id: id || undefined, query };
}

/** The other way round; `query` without what is undefined or empty. */
export function hrefOf(name, id, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value);
  const search = new URLSearchParams(given).toString();
  const path = [name, ...(id ? [encodeURIComponent(id)] : [])].join('/');
  return `#/${path}${search && `?${search}`}`;
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
