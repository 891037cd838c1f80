import { join } from 'node:path';
import type { TokenSource } from '@sluice/client/api';
import type { Pool, Tokens } from './cognito.ts';
import { renew, signIn } from './cognito.ts';
import { Complaint, UsageError } from './complaint.ts';
import type { GlobalValues } from './options.ts';
import { openSessions, type Sessions } from './session.ts';
import { findStack, type LocalStack } from './stack.ts';
import type { World } from './world.ts';

/** The API that a command talks to. */
export type Place = {
  readonly endpoint: string;
  /** the local stack, when that is the one */
  readonly stack: LocalStack | undefined;
  readonly sessions: Sessions;
  /** where unfinished uploads are remembered */
  readonly unfinishedFolder: string;
};

export type Target = Place & { readonly token: string | TokenSource };

/**
 * Where to: --endpoint, then SLUICE_ENDPOINT, then the local stack. Logins to the local stack, and what is
 * unfinished there, are kept beside it and end with it; others are kept in the user's own folders.
 */
export async function findPlace(values: GlobalValues, world: World): Promise<Place> {
  const named = values.endpoint ?? (world.env.SLUICE_ENDPOINT || undefined);
  const found = await findStack(world.folder);
  const endpoint = (named ?? found?.apiUrl)?.replace(/\/+$/, '');
  if (endpoint === undefined) {
    throw new Complaint(
      'There is no Sluice to talk to.',
      'Start one on this machine with `npm start`, or name one with --endpoint or SLUICE_ENDPOINT.',
    );
  }
  if (!/^https?:\/\/[^/?#]/.test(endpoint) || !URL.canParse(endpoint)) {
    throw new UsageError(`The endpoint must be the http or https address of an API, not "${endpoint}".`);
  }
  const stack = endpoint === found?.apiUrl.replace(/\/+$/, '') ? found : undefined;
  return {
    endpoint,
    stack,
    sessions: openSessions(join(stack?.folder ?? world.settingsFolder, 'sessions.json')),
    unfinishedFolder: join(stack?.folder ?? world.stateFolder, 'unfinished'),
  };
}

/** Where to, and as whom: --token, then SLUICE_TOKEN, then the login, then the demo user of the local stack. */
export async function findTarget(values: GlobalValues, world: World): Promise<Target> {
  const place = await findPlace(values, world);
  const token = values.token ?? (world.env.SLUICE_TOKEN || undefined);
  return { ...place, token: token ?? createTokenSource(place, world.timing.now) };
}

// A token this close to its end may end on its way.
const MARGIN_MS = 60_000;

function createTokenSource(place: Place, now: () => number): TokenSource {
  let pending: Promise<string> | undefined;
  // Uploads that run side by side share one login.
  return (refused) => {
    pending ??= findToken(place, refused, now).finally(() => {
      pending = undefined;
    });
    return pending;
  };
}

async function findToken(place: Place, refused: string | undefined, now: () => number): Promise<string> {
  const { endpoint, stack, sessions } = place;
  const session = await sessions.read(endpoint);
  if (session && session.idToken !== refused && session.expiresAt > now() + MARGIN_MS) return session.idToken;

  const renewed = await tryRenewing(session, now);
  if (renewed !== undefined) return remember(place, renewed.pool, renewed.tokens);
  if (stack === undefined) {
    throw new Complaint(
      session ? `Your login to ${endpoint} has ended.` : `You are not logged in to ${endpoint}.`,
      'Run `sluice login`, or pass a token with --token or SLUICE_TOKEN.',
    );
  }
  if (stack.user === undefined) {
    throw new Complaint(
      'The local stack takes the tokens of another issuer, and has no demo user.',
      'Get a token there, and pass it with --token or SLUICE_TOKEN.',
    );
  }
  const pool: Pool = { endpoint: stack.endpoint, clientId: stack.user.userPoolClientId };
  const tokens = await signIn(pool, stack.user.demo, now);
  if ('session' in tokens)
    throw new Complaint('The demo user has no password yet.', 'Start again with `npm start -- --fresh`.');
  return remember(place, pool, tokens);
}

async function tryRenewing(
  session: Awaited<ReturnType<Sessions['read']>>,
  now: () => number,
): Promise<{ pool: Pool; tokens: Tokens } | undefined> {
  if (session?.refreshToken === undefined) return undefined;
  try {
    return { pool: session.pool, tokens: await renew(session.pool, session.refreshToken, now) };
  } catch (error) {
    // A login that has ended is no failure: there may be another way in.
    if (error instanceof Complaint) return undefined;
    throw error;
  }
}

async function remember({ endpoint, sessions }: Place, pool: Pool, tokens: Tokens): Promise<string> {
  await sessions.write(endpoint, { ...tokens, pool });
  return tokens.idToken;
}
