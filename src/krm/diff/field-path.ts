/**
 * The way to a field in an object: keys of mappings, and items of lists by their keys (`{port: 80, protocol: 'TCP'}`), or by
 * their value in a set.
 */
export type Step = string | { keys: readonly (readonly [name: string, value: Scalar])[] } | { value: Scalar };

export type Scalar = string | number | bigint | boolean | null;

const PLAIN_KEY = /^[^\s."'[\]=,]+$/;
const PLAIN_TEXT = /^[^\s"'[\]=,]+$/;
/** What stands in brackets without quotes and is no string. */
const NO_STRING = /^(?:-?\d+(?:\.\d+)?(?:e[-+]?\d+)?|true|false|null)$/;

/**
 * A path as people read it: `spec.template.spec.containers[name=main].image`. Keys with dots are quoted, as in
 * `metadata.labels."app.kubernetes.io/name"`; an item of a set is `finalizers[="example.com/f"]`. The object itself is ''.
 */
export function fieldPath(steps: readonly Step[]): string {
  let text = '';
  for (const step of steps) {
    if (typeof step === 'string')
      text += (text === '' ? '' : '.') + (PLAIN_KEY.test(step) ? step : JSON.stringify(step));
    else if ('keys' in step)
      text += `[${step.keys.map(([name, value]) => `${keyName(name)}=${scalar(value)}`).join(',')}]`;
    else text += `[=${scalar(step.value)}]`;
  }
  return text;
}

const keyName = (name: string): string => (PLAIN_TEXT.test(name) ? name : JSON.stringify(name));

function scalar(value: Scalar): string {
  if (typeof value !== 'string') return String(value);
  return PLAIN_TEXT.test(value) && !NO_STRING.test(value) ? value : JSON.stringify(value);
}

/** The same for what has to be told apart only by where it is: all items of a list are `[]`. */
export function placeOf(steps: readonly Step[]): string {
  return steps.map((step, index) => (typeof step === 'string' ? (index === 0 ? '' : '.') + step : '[]')).join('');
}

const TOKEN = /\[|\]|\.|=|,|"(?:[^"\\]|\\.)*"|[^\s."'[\]=,]+/gy;

/** What {@link fieldPath} wrote; null for a text that it cannot have written. */
export function parseFieldPath(text: string): Step[] | null {
  const tokens = text.match(TOKEN) ?? [];
  if (tokens.join('') !== text) return null;
  const steps: Step[] = [];
  let inside: string[] | null = null;
  for (const token of tokens) {
    if (inside !== null) {
      if (token !== ']') inside.push(token);
      else {
        const step = itemStep(inside);
        if (step === null) return null;
        steps.push(step);
        inside = null;
      }
    } else if (token === '[') inside = [];
    else if (token !== '.') steps.push(unquoted(token));
  }
  return inside === null && fieldPath(steps) === text ? steps : null;
}

function itemStep(tokens: readonly string[]): Step | null {
  const keys: [string, Scalar][] = [];
  let rest = tokens;
  while (rest.length > 0) {
    const equals = rest.indexOf('=');
    const comma = rest.indexOf(',');
    const end = comma < 0 ? rest.length : comma;
    if (equals < 0 || equals > end) return null;
    keys.push([rest.slice(0, equals).map(unquoted).join(''), read(rest.slice(equals + 1, end).join(''))]);
    rest = rest.slice(end + 1);
  }
  const [first] = keys;
  if (first === undefined) return null;
  return first[0] === '' ? { value: first[1] } : { keys };
}

const unquoted = (token: string): string => (token.startsWith('"') ? (JSON.parse(token) as string) : token);

function read(text: string): Scalar {
  if (!NO_STRING.test(text)) return unquoted(text);
  if (!/^-?\d+$/.test(text)) return JSON.parse(text) as Scalar;
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}
