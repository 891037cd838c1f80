import { NetworkError } from '@sluice/client/errors';
import { toNetworkError } from '@sluice/client/unreachable';
import { Complaint } from './complaint.ts';

/** A Cognito user pool as a client without a secret sees it. */
export type Pool = {
  /** where Cognito answers */
  readonly endpoint: string;
  readonly clientId: string;
};

export type Tokens = {
  readonly idToken: string;
  readonly refreshToken?: string | undefined;
  /** milliseconds since the epoch */
  readonly expiresAt: number;
};

/** A person's first login after an administrator made the account: a password of their own has to be chosen. */
export type PasswordChallenge = { readonly session: string; readonly email: string };

type Clock = () => number;

/** Logs in by email and password. Throws Complaint when they are wrong, NetworkError when Cognito cannot be reached. */
export async function signIn(
  pool: Pool,
  { email, password }: { readonly email: string; readonly password: string },
  now: Clock,
): Promise<Tokens | PasswordChallenge> {
  const answer = await call(pool, 'InitiateAuth', {
    AuthFlow: 'USER_PASSWORD_AUTH',
    ClientId: pool.clientId,
    AuthParameters: { USERNAME: email, PASSWORD: password },
  });
  if (answer.ChallengeName === 'NEW_PASSWORD_REQUIRED') return { session: String(answer.Session), email };
  return toTokens(answer, now);
}

/** Ends a first login with the password that the person chose. */
export async function choosePassword(
  pool: Pool,
  { session, email }: PasswordChallenge,
  password: string,
  now: Clock,
): Promise<Tokens> {
  return toTokens(
    await call(pool, 'RespondToAuthChallenge', {
      ChallengeName: 'NEW_PASSWORD_REQUIRED',
      ClientId: pool.clientId,
      Session: session,
      ChallengeResponses: { USERNAME: email, NEW_PASSWORD: password },
    }),
    now,
  );
}

/** New tokens for an old login. Throws Complaint when it has ended. */
export async function renew(pool: Pool, refreshToken: string, now: Clock): Promise<Tokens> {
  const tokens = toTokens(
    await call(pool, 'InitiateAuth', {
      AuthFlow: 'REFRESH_TOKEN_AUTH',
      ClientId: pool.clientId,
      AuthParameters: { REFRESH_TOKEN: refreshToken },
    }),
    now,
  );
  // Cognito gives a new one only when the pool rotates them.
  return { ...tokens, refreshToken: tokens.refreshToken ?? refreshToken };
}

type Answer = Readonly<Record<string, unknown>>;

function isAnswer(value: unknown): value is Answer {
  return typeof value === 'object' && value !== null;
}

// Cognito's protocol is JSON over POST; these calls are unsigned, so the SDK would add nothing but weight.
async function call({ endpoint }: Pool, action: string, input: unknown): Promise<Answer> {
  let response: Response;
  let body: unknown;
  try {
    response = await fetch(endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `AWSCognitoIdentityProviderService.${action}`,
      },
      body: JSON.stringify(input),
      signal: AbortSignal.timeout(15_000),
    });
    body = await response.json();
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new NetworkError(`${new URL(endpoint).host} does not answer as Cognito.`);
    throw toNetworkError(`There was no answer from ${new URL(endpoint).host}`, error);
  }
  if (response.ok && isAnswer(body)) return body;
  const message =
    isAnswer(body) && typeof body.message === 'string' ? body.message : `status ${response.status}`;
  throw new Complaint(`The login was refused: ${message}`);
}

function toTokens({ AuthenticationResult: result, ChallengeName: challenge }: Answer, now: Clock): Tokens {
  if (!isAnswer(result) || typeof result.IdToken !== 'string') {
    throw new Complaint(
      `The login needs a further step (${challenge ?? 'unknown'}) that this tool does not know.`,
      'Log in elsewhere, and pass the token with --token or SLUICE_TOKEN.',
    );
  }
  const lifetime = typeof result.ExpiresIn === 'number' ? result.ExpiresIn : 3600;
  return {
    // The id token, because it alone carries the claims that a team may name a tenant by.
    idToken: result.IdToken,
    refreshToken: typeof result.RefreshToken === 'string' ? result.RefreshToken : undefined,
    expiresAt: now() + lifetime * 1000,
  };
}
