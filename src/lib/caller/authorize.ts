import type { Grantee } from '@sluice/contract/caller';
import { Refusal, type RefusalCode } from '@sluice/contract/refusals';
import { errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { type Audiences, type Claims, toCaller } from './claims.ts';
import { type CallContext, type Known, toContext } from './context.ts';
import { isOfToken } from './keys.ts';

/** Reads a grant's token. Refuses `session_invalid`, `session_expired`, and whatever else ends a grant. */
export type GrantReader = (
  token: string,
) => Promise<{ readonly caller: Grantee; readonly expiresAt: number }>;

export type AuthorizeDeps = {
  readonly issuer: string;
  readonly audiences: Audiences;
  /** the claim that names the tenant */
  readonly tenantClaim: string;
  readonly keys: JWTVerifyGetKey;
  readonly readGrant: GrantReader;
  readonly now: () => number;
  /** hears why a token was refused, but nothing of the token, for whoever has to mend the settings */
  readonly onRefused: (code: RefusalCode, why: string) => void;
};

// Asymmetric ones alone: with a shared secret, whoever can verify a token could make one.
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

/** The clocks of an issuer and of Lambda may differ by this much. */
const CLOCK_SKEW_SECONDS = 30;

/** Tokens of our own formats: slu1 are upload sessions. Nothing of an issuer's begins like them. */
const OF_OURS = /^slu\d+\./;

/**
 * Who calls, by the `Authorization` header, as functions are told (CallContext). A token that is not good is
 * an answer, too, and may be kept as long as any other.
 * @throws KeysUnavailable when the issuer's keys cannot be had: nothing is known of the token then
 */
export async function authorize(deps: AuthorizeDeps, authorization: string): Promise<CallContext> {
  const token = authorization.replace(/^bearer +/i, '').trim();
  try {
    return toContext(OF_OURS.test(token) ? await deps.readGrant(token) : await readToken(deps, token));
  } catch (error) {
    const [code, why] = refusalOf(error);
    deps.onRefused(code, why);
    return { refused: code };
  }
}

async function readToken(deps: AuthorizeDeps, token: string): Promise<Known> {
  const { payload } = await jwtVerify<Claims>(token, deps.keys, {
    algorithms: ALGORITHMS,
    issuer: deps.issuer,
    requiredClaims: ['exp'],
    clockTolerance: CLOCK_SKEW_SECONDS,
    currentDate: new Date(deps.now()),
  });
  const caller = toCaller(payload, deps.audiences, deps.tenantClaim);
  if (caller === undefined) throw new Refusal('token_invalid', { detail: 'it is for another audience' });
  return { caller, expiresAt: (Number(payload.exp) + CLOCK_SKEW_SECONDS) * 1000 };
}

/** @throws what is no fault of the token's */
function refusalOf(error: unknown): readonly [code: RefusalCode, why: string] {
  if (error instanceof Refusal) return [error.code, error.message];
  if (error instanceof errors.JWTExpired) return ['token_expired', error.code];
  if (isOfToken(error)) {
    const claim = error instanceof errors.JWTClaimValidationFailed ? `: ${error.claim}` : '';
    return ['token_invalid', `${error.code}${claim}`];
  }
  throw error;
}
