import type { JWTPayload } from 'jose';
import { isStorable } from '../../domain/storable-text.js';
import { type NamedIdentity, unauthenticated } from '../caller.js';
import { isUserName, USER_NAME_RULE } from '../user-name.js';
import type { OidcSettings } from './oidc-settings.js';

const MAX_GROUPS = 1000;
const MAX_GROUP_LENGTH = 256;
/** Fits between the angle brackets of a Git signature. */
const EMAIL = /^[^\s<>@\p{C}]+@[^\s<>@\p{C}]+$/u;
const MAX_EMAIL_LENGTH = 254;
/** Fits before the brackets of a Git signature, on one line, and shows what it is. */
const FULL_NAME = /^(?=.*[\p{L}\p{N}])[^<>\p{C}\p{Zl}\p{Zp}]{1,128}$/u;

export type ClaimNames = Pick<OidcSettings, 'userClaim' | 'emailClaim' | 'nameClaim' | 'groupsClaim'>;

/** Who the claims of a verified token speak of; throws `unauthenticated` where they name nobody that can be used. */
export function identityOf(
  claims: JWTPayload,
  { userClaim, emailClaim, nameClaim, groupsClaim }: ClaimNames,
): NamedIdentity {
  // An address that the provider has not checked may be somebody else's.
  const unchecked = claims.email_verified === false;
  const user = claimAt(claims, userClaim);
  if (typeof user !== 'string' || !isUserName(user)) {
    throw unauthenticated(`The claim "${userClaim}" of the token holds no name that can be used: ${USER_NAME_RULE}.`);
  }
  if (userClaim === 'email' && unchecked)
    throw unauthenticated('The e-mail address of the token has not been verified.');
  const email = claimAt(claims, emailClaim);
  const name = claimAt(claims, nameClaim);
  return {
    user,
    email: isEmail(email) && !(emailClaim === 'email' && unchecked) ? email : null,
    name: typeof name === 'string' && FULL_NAME.test(name.trim()) ? name.trim() : null,
    groups: groupsOf(claimAt(claims, groupsClaim), groupsClaim),
  };
}

function groupsOf(value: unknown, claim: string): string[] {
  const groups = typeof value === 'string' ? [value] : (value ?? []);
  if (!Array.isArray(groups) || !groups.every((group) => typeof group === 'string')) {
    throw unauthenticated(`The claim "${claim}" of the token is to be a list of strings.`);
  }
  if (groups.length > MAX_GROUPS || groups.some((group) => group.length > MAX_GROUP_LENGTH)) {
    throw unauthenticated(
      `The claim "${claim}" of the token holds more than ${MAX_GROUPS} groups, or one of more than ` +
        `${MAX_GROUP_LENGTH} characters. Let the provider send those only that matter here.`,
    );
  }
  if (!groups.every(isStorable)) {
    throw unauthenticated(
      `The claim "${claim}" of the token holds a group whose name is not valid Unicode without NUL characters.`,
    );
  }
  return [...new Set(groups)].filter((group) => group !== '');
}

const isEmail = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= MAX_EMAIL_LENGTH && EMAIL.test(value);

/** By its whole name first: some providers name claims by URLs, which have dots as well. */
function claimAt(claims: JWTPayload, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  let value: unknown = claims;
  for (const part of name.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}
