import { Api } from '../shared/api.js';
import { follow } from '../shared/event-stream.js';
import { Refused } from '../shared/problem.js';
import { SignIn } from '../shared/sign-in.js';
import { showCampaign } from './campaign-view.js';
import { showCampaigns } from './campaigns-view.js';
import { showFleet } from './fleet-view.js';
import { atMostEvery } from './pace.js';
import { showPackage } from './package-view.js';
import { routeOf } from './route.js';

/**
 * A view reads what it shows and gives `{ title, sentence, nodes }`; one that follows events has `take(events)`, which says
 * whether these change what it shows, and `refresh({ whole })`, which reads that again.
 */
const VIEWS = { fleet: showFleet, campaigns: showCampaigns, campaign: showCampaign, package: showPackage };
const SHOWN_UNDER = { fleet: 'fleet', campaigns: 'campaigns', campaign: 'campaigns' };
const REFRESH_MS = 500;
/** A screen reader is not told more often than that. */
const SAY_MS = 2_000;

const [form, status, title, view, signOut] = ['sign-in', 'status', 'title', 'view', 'sign-out'].map((id) =>
  document.getElementById(id),
);
const base = new URL('api/v1/', location.href.replace(/[?#].*/, ''));
const signIn = new SignIn(form);
/** Nobody has to sign in: a name is believed. */
const isOpen = document.documentElement.dataset.auth === 'none';

let showing = new AbortController();

form.addEventListener('submit', (event) => {
  event.preventDefault();
  signIn.keep();
  void show();
});
signOut.addEventListener('click', () => {
  signIn.forget();
  void show();
});
window.addEventListener('hashchange', () => void show(true));
void show();

/** Whoever has come by a link is led to the heading of what they have come for. */
async function show(isMoved = false) {
  showing.abort();
  showing = new AbortController();
  const { signal } = showing;
  const route = routeOf(location.hash);
  for (const link of document.querySelectorAll('header a[href^="#"]')) {
    if (routeOf(link.hash).view === SHOWN_UNDER[route.view]) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  const headers = signIn.headers();
  if (headers === undefined) return askToSignIn('Sign in to see the fleet. The token is kept for this tab alone.');
  form.hidden = !isOpen;
  signOut.hidden = isOpen;
  say('Loading …');
  const away = (why) => say(`The service does not answer: ${why}. Trying again …`, 'bad');
  const api = new Api({ base, headers, signal, told: { away, back: () => say('The service answers again.') } });
  try {
    if (route.view === 'unknown') throw new Refused('There is no such view.', 404);
    const shown = await VIEWS[route.view]({ route, api });
    if (signal.aborted) return;
    entitle(shown.title);
    view.replaceChildren(...shown.nodes);
    if (isMoved) (view.querySelector('[data-meant]') ?? title).focus();
    if (shown.take) await keepUp(shown, headers, signal);
    else say(shown.sentence);
  } catch (error) {
    if (!signal.aborted) refuse(error);
  }
}

/** Shows what changes as events tell of it, and, whenever a connection begins, what may have changed before. */
async function keepUp({ take, refresh, sentence }, headers, signal) {
  let connection = 'Connecting …';
  let isBad = false;
  let whole = false;
  const tell = atMostEvery(SAY_MS, signal, () => say(`${connection} ${sentence()}`, isBad ? 'bad' : ''));
  const again = atMostEvery(REFRESH_MS, signal, async () => {
    const all = whole;
    whole = false;
    try {
      await refresh({ whole: all });
      tell();
    } catch (error) {
      if (!signal.aborted) refuse(error);
    }
  });
  const connected = (text, bad) => {
    connection = text;
    isBad = bad;
    whole = true;
    tell();
    if (!bad) again();
  };
  tell();
  await follow({
    url: new URL(`events?type=${document.documentElement.dataset.campaignEvents}`, base),
    headers,
    signal,
    told: {
      events: (events) => take(events) && again(),
      connected: () => connected('Live.', false),
      disconnected: (why) => connected(`Disconnected: ${why}. Trying again …`, true),
    },
  });
}

function refuse(error) {
  showing.abort();
  if (error instanceof Refused && error.status === 401)
    return askToSignIn(`You are not signed in: ${error.message}`, 'bad');
  if (error instanceof Refused && error.status === 410) return void show();
  view.replaceChildren();
  const words = { 403: 'You may not see this: ', 404: 'There is no such thing, or you may not see it: ' };
  return say(`${(error instanceof Refused && words[error.status]) || 'It stopped: '}${error.message}`, 'bad');
}

function askToSignIn(text, kind) {
  view.replaceChildren();
  form.hidden = false;
  signOut.hidden = true;
  say(text, kind);
  form.elements.token.focus();
}

function entitle(text) {
  title.textContent = text;
  document.title = `pkgserver: ${text}`;
}

function say(text, kind = '') {
  status.className = kind;
  if (status.textContent !== text) status.textContent = text;
}
