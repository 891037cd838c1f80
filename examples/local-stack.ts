// What the examples are given in place of an app's own configuration and users: the stack that `npm start`
// runs.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { env } from 'node:process';

/** `.sluice/stack.json`, as far as it is looked at here. */
export type StackFile = {
  readonly apiUrl: string;
  /** the local AWS, where the stack's own users sign in */
  readonly endpoint: string;
  /** how they do, and as whom; absent where the stack takes the tokens of another issuer */
  readonly userPoolClientId?: string;
  readonly demo?: { readonly email: string; readonly password: string };
  /** what a backend gets its tokens with; absent with another issuer */
  readonly service?: { readonly tokenUrl: string; readonly clientId: string; readonly clientSecret: string };
  /** that other issuer */
  readonly issuer?: { readonly url: string; readonly audience: string };
  /** what `npm start -- --webhook` tells of events; absent once its secret was rotated */
  readonly webhook?: { readonly url: string; readonly secret: string };
};

/**
 * What a page needs to upload. In your app: an address of its configuration, and a token of whoever is signed
 * in.
 */
export type Session = { readonly endpoint: string; readonly token: string; readonly user: string };

/**
 * The stack that runs; undefined when none does. SLUICE_STACK names another file than the one of `npm start`.
 */
export async function readStackFile(): Promise<StackFile | undefined> {
  const file = env.SLUICE_STACK ?? join(import.meta.dirname, '..', '.sluice', 'stack.json');
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text);
}

/**
 * Signs the demo user in, as a backend would say who its visitor is. Throws an error that says what to start.
 */
export async function signInAsDemo(): Promise<Session> {
  const stack = await readStackFile();
  if (stack === undefined) throw new Error('Sluice does not run on this machine. Start it first: npm start');
  const { apiUrl, demo, userPoolClientId } = stack;
  if (demo === undefined || userPoolClientId === undefined) {
    throw new Error('Sluice runs with another issuer, and has no demo user. Start it without --issuer.');
  }
  const response = await fetch(stack.endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'AWSCognitoIdentityProviderService.InitiateAuth',
    },
    body: JSON.stringify({
      AuthFlow: 'USER_PASSWORD_AUTH',
      ClientId: userPoolClientId,
      AuthParameters: { USERNAME: demo.email, PASSWORD: demo.password },
    }),
  });
  const answer: unknown = await response.json();
  const token: unknown = Object(Object(answer).AuthenticationResult).IdToken;
  if (typeof token !== 'string')
    throw new Error(`${demo.email} could not sign in: ${JSON.stringify(answer)}`);
  return { endpoint: apiUrl, token, user: demo.email };
}
