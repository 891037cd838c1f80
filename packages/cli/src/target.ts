import { join } from 'node:path';
import type { TokenSource } from '@sluice/client/api';
import { createCognito, SignInError } from '@sluice/client/cognito';
import { Complaint, UsageError } from './complaint.ts';
import { type Login, type Logins, openLogins, toLogin } from './logins.ts';
import type { GlobalValues } from './options.ts';
import { findCredentials, requireCredentials, toTokenSource } from './service.ts';
import { findStack, type LocalStack } from './stack.ts';
import type { World } from './world.ts';

/** The API that a command talks to. */
export type Place = {
  readonly endpoint: string;
  /** the local stack, when that is the one */
  readonly stack: LocalStack | undefined;
  readonly logins: Logins;
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
    // The file has its name from when logins were called sessions; another would log everybody out.
    logins: openLogins(join(stack?.folder ?? world.settingsFolder, 'sessions.json')),
    unfinishedFolder: join(stack?.folder ?? world.stateFolder, 'unfinished'),
  };
}

/**
 * Where to, and as whom: --token, then SLUICE_TOKEN, then the service of SLUICE_CLIENT_ID, then the login,
 * then the demo user of the local stack.
 */
export async function findTarget(values: GlobalValues, world: World): Promise<Target> {
  const place = await findPlace(values, world);
  const token = values.token ?? (world.env.SLUICE_TOKEN || undefined);
  if (token !== undefined) return { ...place, token };
  const credentials = await findCredentials(toGiven(place, values, world));
  return {
    ...place,
    token: credentials
      ? toTokenSource(credentials, world.timing.now)
      : createTokenSource(place, world.timing.now),
  };
}

/** Where to, as a service: that of SLUICE_CLIENT_ID, or the one that the local stack has. */
export async function findServiceTarget(values: GlobalValues, world: World): Promise<Target> {
  const place = await findPlace(values, world);
  const credentials = await requireCredentials(toGiven(place, values, world));
  return { ...place, token: toTokenSource(credentials, world.timing.now) };
}

function toGiven({ endpoint, stack }: Place, values: GlobalValues, { env }: World) {
  return { endpoint, tokenUrl: values['token-url'], env, local: stack?.service };
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
  const { endpoint, stack, logins } = place;
  const user = stack?.user;
  // What is remembered is then of a pool that the stack had before.
  if (stack !== undefined && user === undefined) {
    throw new Complaint(
      'The local stack takes the tokens of another issuer, and has no demo user.',
      'Get a token there, and pass it with --token or SLUICE_TOKEN.',
    );
  }
  const login = await logins.read(endpoint);
  if (login && login.idToken !== refused && login.expiresAt > now() + MARGIN_MS) return login.idToken;

  const renewed = await tryRenewing(login, now);
  if (renewed !== undefined) return remember(place, renewed);
  if (stack === undefined || user === undefined) {
    throw new Complaint(
      login ? `Your login to ${endpoint} has ended.` : `You are not logged in to ${endpoint}.`,
      'Run `sluice login`, or pass a token with --token or SLUICE_TOKEN.',
    );
  }
  const pool = { endpoint: stack.endpoint, clientId: user.userPoolClientId };
  const { email, password } = user.demo;
  const answer = await createCognito(pool).signIn(email, password);
  if (answer.kind !== 'tokens')
    throw new Complaint('The demo user has no password yet.', 'Start again with `npm start -- --fresh`.');
  return remember(place, toLogin(pool, answer.tokens, now()));
}

async function tryRenewing(login: Login | undefined, now: () => number): Promise<Login | undefined> {
  if (login?.refreshToken === undefined) return undefined;
  const { pool, refreshToken } = login;
  try {
    return toLogin(pool, await createCognito(pool).refresh(refreshToken), now());
  } catch (error) {
    // A login that has ended is no failure: there may be another way in.
    if (error instanceof SignInError) return undefined;
    throw error;
  }
}

async function remember({ endpoint, logins }: Place, login: Login): Promise<string> {
  await logins.write(endpoint, login);
  return login.idToken;
}
