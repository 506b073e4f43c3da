import { lineOf } from './event-line.js';
import { follow } from '../shared/event-stream.js';
import { Refused } from '../shared/problem.js';
import { SignIn } from '../shared/sign-in.js';

/** Rows that are kept on the page. */
const MOST = 500;

const find = (id) => document.getElementById(id);
const [form, status, rows, pause] = ['follow', 'status', 'events', 'pause'].map(find);
const fields = form.elements;
const api = new URL('../api/v1/', location.href.replace(/[?#].*/, ''));

let following = new AbortController();
/** The latest last. */
let waiting = [];
let isPaused = false;
let state = 'Not connected.';

const signIn = new SignIn(form);

form.addEventListener('submit', (event) => {
  event.preventDefault();
  signIn.keep();
  void begin();
});
form.addEventListener('change', ({ target }) => {
  if (target.name === 'type') find('chosen').textContent = typesChosen().length || 'all';
});
pause.addEventListener('click', () => {
  isPaused = !isPaused;
  pause.setAttribute('aria-pressed', String(isPaused));
  show();
});
find('clear').addEventListener('click', () => {
  waiting = [];
  rows.replaceChildren();
  show();
});

if (signIn.headers() !== undefined) void begin();

function typesChosen() {
  return [...form.querySelectorAll('[name=type]:checked')].map(({ value }) => value);
}

function filters() {
  const url = new URL('events', api);
  for (const name of ['repositoryId', 'path', 'actor']) {
    const value = fields[name].value.trim();
    if (value !== '') url.searchParams.set(name, value);
  }
  const types = typesChosen();
  if (types.length > 0) url.searchParams.set('type', types.join(','));
  return url;
}

async function begin() {
  following.abort();
  following = new AbortController();
  const { signal } = following;
  const headers = signIn.headers();
  if (headers === undefined) return say('A token is needed.', 'bad');
  waiting = [];
  rows.replaceChildren();
  say('Connecting …');
  const told = {
    events: (events) => {
      waiting = [...waiting, ...events].slice(-MOST);
      show();
    },
    connected: () => say('Connected.'),
    disconnected: (why) => say(`Disconnected: ${why}. Trying again …`, 'bad'),
  };
  listRepositories(headers, signal).catch(() => undefined);
  try {
    await follow({ url: filters(), headers, signal, told });
  } catch (error) {
    say(error instanceof Refused ? error.message : `It stopped: ${error.message}`, 'bad');
  }
}

/** To choose from. Whoever may not read them chooses none. */
async function listRepositories(headers, signal) {
  const response = await fetch(new URL('repositories?pageSize=500', api), { headers, signal });
  if (!response.ok) return;
  const { items } = await response.json();
  const select = fields.repositoryId;
  const chosen = select.value;
  select.replaceChildren(new Option('all', ''), ...items.map(({ id, name }) => new Option(name, id)));
  select.value = items.some(({ id }) => id === chosen) ? chosen : '';
}

function say(text, kind = '') {
  state = text;
  status.className = kind;
  show();
}

function show() {
  if (!isPaused) {
    rows.prepend(...waiting.map(rowOf).reverse());
    waiting = [];
    while (rows.children.length > MOST) rows.lastElementChild.remove();
  }
  const text = isPaused ? `${state} Paused; ${waiting.length} wait.` : state;
  if (status.textContent !== text) status.textContent = text;
}

/** All that comes from the service goes into the page as text. */
function rowOf(event) {
  const line = lineOf(event);
  const row = document.createElement('tr');
  row.className = line.tone;
  row.append(...[line.time, opener(row, line.type, event), line.what, line.who, line.change].map((part) => cell(part)));
  return row;
}

function cell(content) {
  const element = document.createElement('td');
  element.append(content);
  return element;
}

/** Shows the whole event below its row. */
function opener(row, type, event) {
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = type;
  button.setAttribute('aria-expanded', 'false');
  let below;
  button.addEventListener('click', () => {
    if (below === undefined) {
      const whole = document.createElement('pre');
      whole.textContent = JSON.stringify(event, null, 2);
      below = document.createElement('tr');
      below.append(cell(whole));
      below.firstElementChild.colSpan = 5;
      row.after(below);
    } else {
      below.remove();
      below = undefined;
    }
    button.setAttribute('aria-expanded', String(below !== undefined));
  });
  return button;
}
