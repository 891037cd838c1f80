import type { TokenSource } from './api.ts';
import { SluiceError } from './errors.ts';
import { isFields } from './fields.ts';
import { toNetworkError } from './unreachable.ts';

/** By which a service gets its tokens (RFC 6749, client credentials). */
export type ClientCredentials = {
  /** where they are given: of the stack's own pool, its output `ServiceTokenUrl` */
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** fewer than the client may have, by the names that its issuer has for them; all of them if absent */
  readonly scopes?: readonly string[];
  /** for issuers that want to be told whom the token is for: the deployment's `serviceAudience` */
  readonly audience?: string;
  /** how the secret is sent: in a header, or for issuers that do not take that, in the body */
  readonly authentication?: 'basic' | 'post';
};

/**
 * The token endpoint would not give a token. `code` is its own; neither it nor the message has the secret.
 */
export class ClientCredentialsError extends SluiceError {
  override readonly name = 'ClientCredentialsError';
  readonly status: number;
  readonly code: string;
  readonly retryable: boolean;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryable = status === 429 || status >= 500;
  }
}

/** What is passed in where time and network are not the machine's own. */
export type ClientCredentialsDeps = {
  readonly fetch?: typeof globalThis.fetch;
  readonly now?: () => number;
};

// A token this close to its end may end on its way.
const MARGIN_MS = 60_000;
const PATIENCE_MS = 15_000;

/**
 * Tokens of a service, for `token` of a client or an uploader. A token is kept until a minute before its end,
 * calls that come at once share one, and one that the API has refused is replaced. Rejects with
 * ClientCredentialsError, and with NetworkError when the token endpoint does not answer.
 */
export function clientCredentials(
  credentials: ClientCredentials,
  { fetch = globalThis.fetch, now = Date.now }: ClientCredentialsDeps = {},
): TokenSource {
  let held: { readonly token: string; readonly renewAt: number } | undefined;
  let pending: Promise<string> | undefined;

  const renew = async (): Promise<string> => {
    const askedAt = now();
    const { token, lifetimeMs } = await ask(credentials, fetch);
    // Of a token that is shorter than the margin, half is kept.
    held = { token, renewAt: askedAt + Math.max(lifetimeMs - MARGIN_MS, lifetimeMs / 2) };
    return token;
  };
  return async (refused) => {
    if (held !== undefined && held.token !== refused && now() < held.renewAt) return held.token;
    pending ??= renew().finally(() => {
      pending = undefined;
    });
    return pending;
  };
}

async function ask(credentials: ClientCredentials, fetch: typeof globalThis.fetch) {
  const { tokenUrl, clientId, clientSecret, scopes, audience, authentication = 'basic' } = credentials;
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    ...(scopes !== undefined && { scope: scopes.join(' ') }),
    ...(audience !== undefined && { audience }),
    ...(authentication === 'post' && { client_id: clientId, client_secret: clientSecret }),
  });
  const response = await fetch(tokenUrl, {
    method: 'POST',
    headers: {
      accept: 'application/json',
      ...(authentication === 'basic' && { authorization: `Basic ${toBasic(clientId, clientSecret)}` }),
    },
    body,
    redirect: 'error', // it would take the secret along
    signal: AbortSignal.timeout(PATIENCE_MS),
  }).catch((error: unknown) => {
    throw toNetworkError(`There was no answer from ${new URL(tokenUrl).host}`, error);
  });
  const answer: unknown = await response.json().catch(() => undefined);
  const { access_token: token, expires_in: seconds, error } = isFields(answer) ? answer : {};
  if (response.ok && typeof token === 'string' && token !== '') {
    return { token, lifetimeMs: (typeof seconds === 'number' ? seconds : DEFAULT_SECONDS) * 1000 };
  }
  const code = typeof error === 'string' && /^[\w-]{1,64}$/.test(error) ? error : 'unknown';
  const said = WORDS[code] ?? `answered ${response.status} (${code}), and gave no token.`;
  throw new ClientCredentialsError(response.status, code, `${new URL(tokenUrl).host} ${said}`);
}

/** For an issuer that does not say how long its tokens last; the API says when one is over. */
const DEFAULT_SECONDS = 300;

const WORDS: Readonly<Record<string, string>> = {
  invalid_client: 'does not know this client, or its secret is wrong.',
  invalid_scope: 'does not give this client these scopes.',
  invalid_grant: 'does not give this client these scopes.',
  unauthorized_client: 'gives this client no tokens of its own: it has to be one for client credentials.',
};

// RFC 6749, section 2.3.1: both are encoded as in a form first.
function toBasic(clientId: string, clientSecret: string): string {
  const encode = (text: string) => new URLSearchParams([['', text]]).toString().slice(1);
  return btoa(`${encode(clientId)}:${encode(clientSecret)}`);
}
