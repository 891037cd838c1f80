import { toNetworkError } from '#unreachable';
import { SluiceError } from './errors.ts';
import { isFields } from './fields.ts';

/** The pool would not let somebody in. `code` is Cognito's own; the message is fit to show. */
export class SignInError extends SluiceError {
  override readonly name = 'SignInError';
  readonly retryable = false;
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** A Cognito user pool as a client without a secret sees it. */
export type UserPool = {
  /** where Cognito answers */
  readonly endpoint: string;
  readonly clientId: string;
};

export type Tokens = {
  /** The token for the API: it alone carries the claims that a team may name a tenant by. */
  readonly idToken: string;
  readonly refreshToken?: string;
  readonly expiresInSeconds?: number;
};

/** What a password is answered with. An operator's temporary one has to be replaced first. */
export type SignInAnswer =
  | { readonly kind: 'tokens'; readonly tokens: Tokens }
  | { readonly kind: 'new-password'; readonly setPassword: (password: string) => Promise<SignInAnswer> }
  /** one that this client does not know, such as a code by text message */
  | { readonly kind: 'further-step'; readonly challenge: string };

/** All three reject with SignInError, and with NetworkError when Cognito does not answer. */
export type Cognito = {
  readonly signIn: (email: string, password: string) => Promise<SignInAnswer>;
  /** New tokens for an old login. */
  readonly refresh: (refreshToken: string) => Promise<Tokens>;
  /** Makes a refresh token worthless. */
  readonly revoke: (refreshToken: string) => Promise<void>;
};

const PATIENCE_MS = 15_000;

/**
 * The four calls of Amazon Cognito that people sign in with, at the console and at the command line. They
 * need no signature and no secret, so that this takes the place of an SDK of a hundred times its size.
 */
export function createCognito({ endpoint, clientId }: UserPool, fetch = globalThis.fetch): Cognito {
  const call = async (operation: string, body: object): Promise<Answer> => {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `AWSCognitoIdentityProviderService.${operation}`,
      },
      body: JSON.stringify({ ClientId: clientId, ...body }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    }).catch((error: unknown) => {
      throw toNetworkError(`There was no answer from ${new URL(endpoint).host}`, error);
    });
    const answer: unknown = await response.json().catch(() => undefined);
    if (response.ok && isAnswer(answer)) return answer;
    throw toSignInError(answer);
  };

  const toSignInAnswer = (email: string, answer: Answer): SignInAnswer => {
    const { ChallengeName: challenge, ChallengeParameters: parameters = {}, Session } = answer;
    if (challenge === undefined) return { kind: 'tokens', tokens: toTokens(answer) };
    if (challenge !== 'NEW_PASSWORD_REQUIRED') return { kind: 'further-step', challenge };
    const setPassword = async (password: string) =>
      toSignInAnswer(
        email,
        await call('RespondToAuthChallenge', {
          ChallengeName: challenge,
          ...(Session !== undefined && { Session }),
          ChallengeResponses: { USERNAME: parameters.USER_ID_FOR_SRP ?? email, NEW_PASSWORD: password },
        }),
      );
    return { kind: 'new-password', setPassword };
  };

  return {
    signIn: async (email, password) =>
      toSignInAnswer(
        email,
        await call('InitiateAuth', {
          AuthFlow: 'USER_PASSWORD_AUTH',
          AuthParameters: { USERNAME: email, PASSWORD: password },
        }),
      ),
    // Cognito gives a new refresh token only when the pool rotates them.
    refresh: async (refreshToken) => ({
      refreshToken,
      ...toTokens(
        await call('InitiateAuth', {
          AuthFlow: 'REFRESH_TOKEN_AUTH',
          AuthParameters: { REFRESH_TOKEN: refreshToken },
        }),
      ),
    }),
    revoke: async (refreshToken) => {
      await call('RevokeToken', { Token: refreshToken });
    },
  };
}

type Answer = {
  readonly AuthenticationResult?: {
    readonly IdToken?: string;
    readonly RefreshToken?: string;
    readonly ExpiresIn?: number;
  };
  readonly ChallengeName?: string;
  readonly ChallengeParameters?: { readonly USER_ID_FOR_SRP?: string };
  readonly Session?: string;
};

// Cognito's own contract is not proven again here: what is read of it is checked where it is used.
function isAnswer(value: unknown): value is Answer {
  return isFields(value);
}

function toTokens({ AuthenticationResult: result }: Answer): Tokens {
  if (!result?.IdToken) throw new SignInError('NoToken', 'The sign-in service answered without a token.');
  const { IdToken: idToken, RefreshToken: refreshToken, ExpiresIn: expiresInSeconds } = result;
  return {
    idToken,
    ...(refreshToken !== undefined && { refreshToken }),
    ...(expiresInSeconds !== undefined && { expiresInSeconds }),
  };
}

// What Cognito says in words of its own is fit to show, but these can be said better.
const WORDS: Readonly<Record<string, string>> = {
  NotAuthorizedException: 'E-mail or password is wrong.',
  UserNotFoundException: 'E-mail or password is wrong.',
  PasswordResetRequiredException: 'An operator has to reset your password before you can sign in.',
  UserNotConfirmedException: 'This account has not been confirmed yet. Ask an operator.',
  TooManyRequestsException: 'Too many attempts. Wait a moment, then try again.',
  LimitExceededException: 'Too many attempts. Wait a while, then try again.',
  CodeMismatchException: 'That took too long. Sign in again.',
  ExpiredCodeException: 'That took too long. Sign in again.',
};

function toSignInError(answer: unknown): SignInError {
  const { __type: type, message } = isFields(answer) ? answer : {};
  const code = typeof type === 'string' ? type.replace(/^.*#/, '') : 'Unknown';
  const said =
    typeof message === 'string' && message !== '' ? message : 'The sign-in service answered with an error.';
  // The same code stands for a wrong password and for a challenge that was answered too late.
  const isTooLate = code === 'NotAuthorizedException' && /session/i.test(said);
  return new SignInError(code, WORDS[isTooLate ? 'ExpiredCodeException' : code] ?? said);
}
