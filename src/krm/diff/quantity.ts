import type { Scalar } from './field-path.js';

const QUANTITY = /^([-+]?)(\d+(?:\.\d*)?|\.\d+)(?:([numkMGTPE]|[KMGTPE]i)|[eE]([-+]?\d{1,2}))?$/;
const LONGEST = 40;
/** Powers of ten by the letters of the International System. */
const TENS: Record<string, number> = { n: -9, u: -6, m: -3, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
/** Powers of 1024. */
const BINARY: Record<string, bigint> = { Ki: 1n, Mi: 2n, Gi: 3n, Ti: 4n, Pi: 5n, Ei: 6n };
const DIGITS = 140;

/** Whether two values are the same quantity of Kubernetes: `1000m` and `1`, `1Gi` and `1024Mi`, `"1"` and 1. */
export function isSameQuantity(a: Scalar, b: Scalar): boolean {
  const [one, other] = [quantity(a), quantity(b)];
  return one !== null && one === other;
}

/** The quantity in units of 10^-140; null where it is none. Numbers are as kubectl passes them on: as JSON. */
function quantity(value: Scalar): bigint | null {
  if (value === null || typeof value === 'boolean') return null;
  const text = String(value);
  const [, sign, number, suffix = '', exponent] = (text.length <= LONGEST && QUANTITY.exec(text)) || [];
  if (number === undefined) return null;
  const [whole = '', fraction = ''] = number.split('.');
  const ten = Number(exponent ?? TENS[suffix] ?? 0);
  const digits = BigInt(whole + fraction) * 1024n ** (BINARY[suffix] ?? 0n);
  return (sign === '-' ? -digits : digits) * 10n ** BigInt(DIGITS + ten - fraction.length);
}
