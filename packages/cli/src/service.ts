import { type ClientCredentials, clientCredentials } from '@sluice/client/client-credentials';
import { toNetworkError } from '@sluice/client/unreachable';
import { Complaint, UsageError } from './complaint.ts';
import type { LocalService } from './stack.ts';

type Given = {
  readonly endpoint: string;
  readonly tokenUrl: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** that of the local stack, when that is talked to */
  readonly local: LocalService | undefined;
};

/**
 * The credentials of a service, by SLUICE_CLIENT_ID and SLUICE_CLIENT_SECRET; undefined when neither is set.
 * Throws UsageError when only one is.
 */
export async function findCredentials(given: Given): Promise<ClientCredentials | undefined> {
  const {
    SLUICE_CLIENT_ID: clientId,
    SLUICE_CLIENT_SECRET: clientSecret,
    SLUICE_AUDIENCE: audience,
  } = given.env;
  if (!clientId && !clientSecret) return undefined;
  if (!clientId || !clientSecret)
    throw new UsageError('SLUICE_CLIENT_ID and SLUICE_CLIENT_SECRET go together: set both.');
  const tokenUrl = given.tokenUrl ?? (given.env.SLUICE_TOKEN_URL || undefined) ?? given.local?.tokenUrl;
  return {
    tokenUrl: checkUrl(tokenUrl ?? (await readTokenUrl(given.endpoint))),
    clientId,
    clientSecret,
    ...(audience && { audience }),
  };
}

/** The same, or the service that the local stack has. Throws Complaint where there is neither. */
export async function requireCredentials(given: Given): Promise<ClientCredentials> {
  const credentials = (await findCredentials(given)) ?? given.local;
  if (credentials !== undefined) return credentials;
  throw new Complaint(
    'There are no credentials of a service.',
    'Set SLUICE_CLIENT_ID and SLUICE_CLIENT_SECRET: docs/backends.md says how to make them.',
  );
}

/** Tokens by these credentials. */
export function toTokenSource(credentials: ClientCredentials, now: () => number) {
  return clientCredentials(credentials, { now });
}

function checkUrl(text: string): string {
  if (/^https?:\/\/[^/?#]/.test(text) && URL.canParse(text)) return text;
  throw new UsageError(`The token URL must be an http or https address, not "${text}".`);
}

/** As the console page is told of it, or as the team's issuer says in its discovery document. */
async function readTokenUrl(endpoint: string): Promise<string> {
  const { signIn } = Object(await getJson(`${endpoint}/console/config.json`));
  const { tokenUrl, issuer } = Object(signIn);
  if (typeof tokenUrl === 'string') return tokenUrl;
  if (typeof issuer === 'string') {
    const address = `${issuer.replace(/\/+$/, '')}/.well-known/openid-configuration`;
    const { token_endpoint: named } = Object(await getJson(address));
    if (typeof named === 'string') return named;
  }
  throw new Complaint(
    `${endpoint} does not say where its services get their tokens.`,
    'Name the address with --token-url or SLUICE_TOKEN_URL.',
  );
}

async function getJson(address: string): Promise<unknown> {
  const response = await fetch(address, { signal: AbortSignal.timeout(15_000) }).catch((error: unknown) => {
    throw toNetworkError(`There was no answer from ${new URL(address).host}`, error);
  });
  return await response.json().catch(() => undefined);
}
