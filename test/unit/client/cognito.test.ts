import { createCognito, SignInError } from '@sluice/client/cognito';
import { NetworkError } from '@sluice/client/errors';
import { expect, test } from 'vitest';

type Call = { readonly operation: string | null; readonly body: unknown };

/** The pool's client, before a pool that gives these answers in turn. */
function setup(...answers: readonly (readonly [status: number, body: unknown])[]) {
  const calls: Call[] = [];
  const left = [...answers];
  const fetch = async (url: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const request = new Request(url, init);
    const operation = request.headers.get('x-amz-target');
    calls.push({ operation, body: await request.json() });
    const [status, body] = left.shift() ?? [500, undefined];
    return new Response(JSON.stringify(body), { status });
  };
  const cognito = createCognito({ endpoint: 'https://pool.example.com/', clientId: 'client1' }, fetch);
  return { cognito, calls };
}

const TOKENS = { AuthenticationResult: { IdToken: 'id1', RefreshToken: 'refresh1' } };

test('gives the tokens when e-mail and password are right', async () => {
  const { cognito, calls } = setup([200, TOKENS]);
  expect(await cognito.signIn('ada@example.com', 'secret')).toEqual({
    kind: 'tokens',
    tokens: { idToken: 'id1', refreshToken: 'refresh1' },
  });
  expect(calls).toEqual([
    {
      operation: 'AWSCognitoIdentityProviderService.InitiateAuth',
      body: {
        ClientId: 'client1',
        AuthFlow: 'USER_PASSWORD_AUTH',
        AuthParameters: { USERNAME: 'ada@example.com', PASSWORD: 'secret' },
      },
    },
  ]);
});

test('has a temporary password replaced, under the name that the pool itself uses', async () => {
  const challenge = {
    ChallengeName: 'NEW_PASSWORD_REQUIRED',
    Session: 'session1',
    ChallengeParameters: { USER_ID_FOR_SRP: 'user1' },
  };
  const { cognito, calls } = setup([200, challenge], [200, TOKENS]);
  const answer = await cognito.signIn('ada@example.com', 'temporary');
  if (answer.kind !== 'new-password') throw new Error(`the answer is ${answer.kind}`);
  expect(await answer.setPassword('my own long one')).toMatchObject({ kind: 'tokens' });
  expect(calls[1]).toEqual({
    operation: 'AWSCognitoIdentityProviderService.RespondToAuthChallenge',
    body: {
      ClientId: 'client1',
      ChallengeName: 'NEW_PASSWORD_REQUIRED',
      Session: 'session1',
      ChallengeResponses: { USERNAME: 'user1', NEW_PASSWORD: 'my own long one' },
    },
  });
});

test('keeps the refresh token when a renewal gives no other', async () => {
  const { cognito } = setup([200, { AuthenticationResult: { IdToken: 'id2' } }]);
  expect(await cognito.refresh('refresh1')).toEqual({ idToken: 'id2', refreshToken: 'refresh1' });
});

test.each([
  [
    400,
    { __type: 'NotAuthorizedException', message: 'Incorrect username or password.' },
    /password is wrong/,
  ],
  [400, { __type: 'com.amazonaws#UserNotFoundException', message: 'x' }, /password is wrong/],
  [400, { __type: 'NotAuthorizedException', message: 'Invalid session for the user.' }, /took too long/],
  [400, { __type: 'PasswordResetRequiredException', message: 'x' }, /operator/],
  [
    400,
    { __type: 'InvalidPasswordException', message: 'Password not long enough' },
    /^Password not long enough$/,
  ],
  [502, '<html>', /answered with an error/],
  [200, {}, /without a token/],
])('says in words why it cannot sign in when the pool answers %d %j', async (status, body, words) => {
  const { cognito } = setup([status, body]);
  const failure = await cognito.signIn('ada@example.com', 'secret').catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(SignInError);
  expect(failure).toMatchObject({ message: expect.stringMatching(words) });
});

test('names a step that it does not know', async () => {
  const { cognito } = setup([200, { ChallengeName: 'SMS_MFA' }]);
  expect(await cognito.signIn('ada@example.com', 'secret')).toEqual({
    kind: 'further-step',
    challenge: 'SMS_MFA',
  });
});

test('tells how long a token is good where Cognito says so', async () => {
  const { cognito } = setup([200, { AuthenticationResult: { IdToken: 'id1', ExpiresIn: 300 } }]);
  expect(await cognito.refresh('refresh1')).toMatchObject({ expiresInSeconds: 300 });
});

test('says that the pool cannot be reached when there is no answer', async () => {
  const unreachable = async (): Promise<Response> => {
    throw new TypeError('Failed to fetch');
  };
  const cognito = createCognito({ endpoint: 'https://pool.example.com/', clientId: 'client1' }, unreachable);
  await expect(cognito.signIn('ada@example.com', 'secret')).rejects.toBeInstanceOf(NetworkError);
});
