import { errors } from 'jose';
import { DomainError } from '../../domain/errors.js';
import { unauthenticated } from '../caller.js';

/** Says why a token is not good. Claims are judged after the signature, so nothing is told to whoever made one up. */
export function tokenRefusal(error: unknown): DomainError {
  if (error instanceof DomainError) return error;
  return unauthenticated(reasonOf(error), { cause: error });
}

function reasonOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'The token has expired.';
  if (error instanceof errors.JWTClaimValidationFailed) return reasonOfClaim(error);
  if (error instanceof errors.JOSEAlgNotAllowed) return 'The token is signed with an algorithm that is not accepted.';
  if (error instanceof errors.JWKSNoMatchingKey) return 'The token is signed with a key that its issuer does not have.';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'The signature of the token is not good.';
  if (error instanceof errors.JOSEError) return 'The token is no JWT that can be read.';
  // What Web Crypto throws for keys that are too short or not what they say they are.
  return 'The key that the token names cannot be used.';
}

function reasonOfClaim({ claim, reason }: errors.JWTClaimValidationFailed): string {
  if (reason === 'missing') return `The token lacks the claim "${claim}".`;
  if (reason === 'invalid') return `The claim "${claim}" of the token is not of the right type.`;
  if (claim === 'iss') return 'The token was issued by another issuer.';
  if (claim === 'aud') return 'The token was issued for another audience.';
  if (claim === 'nbf') return 'The token is not valid yet.';
  return `The claim "${claim}" of the token is not good.`;
}
