import { wellFormed } from '../domain/storable-text.js';

/** Words that YAML 1.1 or 1.2 reads as no string. */
const RESERVED = /^(?:y|n|yes|no|on|off|true|false|null)$/i;
const PLAIN_WORDS = /^[A-Za-z/](?:[A-Za-z0-9 ._/@+-]|:(?=\/\/))*$/;
/** A commit: plain unless it could be read as a number (`1e10`). */
const PLAIN_OID = /^(?!\d+(?:e\d+)?$)[0-9a-f]{40}$/;
/** What parsers of YAML 1.1 take for a line break, or refuse. */
const UNSAFE = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

/** A string as a YAML scalar on one line: plain where every parser reads it back as that string, else in double quotes. */
export function yamlScalar(value: string): string {
  const plain = (PLAIN_WORDS.test(value) && !value.endsWith(' ') && !RESERVED.test(value)) || PLAIN_OID.test(value);
  if (plain) return value;
  return JSON.stringify(wellFormed(value)).replace(UNSAFE, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
