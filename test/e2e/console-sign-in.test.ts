// Who gets into the console page, and how they leave it.
import { randomUUID } from 'node:crypto';
import {
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, expect, inject, test } from 'vitest';
import { localCredentials, region } from '../../local/environment.ts';
import { launchBrowser } from '../setup/browser.ts';
import { visit } from './visitor.ts';

const browser = await launchBrowser();
afterAll(() => browser.close());

async function setup(address?: string) {
  const stack = inject('stack');
  const visitor = await visit(browser, stack, address === undefined ? {} : { address });
  const { page } = visitor;
  /** As an operator does who creates a user: the password is good for one thing, to be replaced. */
  const setTemporaryPassword = async (password: string): Promise<void> => {
    const cognito = new CognitoIdentityProviderClient({
      endpoint: stack.endpoint,
      region,
      credentials: localCredentials,
    });
    await cognito.send(
      new AdminSetUserPasswordCommand({
        UserPoolId: stack.userPoolId,
        Username: visitor.user.email,
        Password: password,
        Permanent: false,
      }),
    );
    cognito.destroy();
  };
  return {
    ...visitor,
    setTemporaryPassword,
    isIn: () => page.getByText('Nothing here yet').waitFor(),
    isOut: () => page.getByRole('heading', { name: 'Sign in' }).waitFor(),
    kept: () => page.evaluate(() => ({ ...sessionStorage, ...localStorage })),
  };
}

test('lets somebody in who has the password, and shows who that is', async () => {
  await using visitor = await setup();
  await visitor.signIn();
  await visitor.isIn();
  await visitor.page.getByText(visitor.user.email).waitFor();
  expect(visitor.complaints).toEqual([]);
});

test('says that the password is wrong, keeps the e-mail, and lets the person try again', async () => {
  await using visitor = await setup();
  const { page, signIn, isIn, kept } = visitor;
  await signIn('wrong');
  await page.getByRole('alert').getByText('E-mail or password is wrong.').waitFor();
  expect(await page.getByLabel('E-mail').inputValue()).toBe(visitor.user.email);
  expect(await kept()).toEqual({});
  await signIn();
  await isIn();
});

test('has a temporary password replaced before it lets anybody in', async () => {
  await using visitor = await setup();
  const { page, signIn, isIn, setTemporaryPassword } = visitor;
  const [temporary, own] = [randomUUID(), randomUUID()];
  await setTemporaryPassword(temporary);
  await signIn(temporary);
  const choose = async (again: string) => {
    await page.getByLabel('New password', { exact: true }).fill(own);
    await page.getByLabel('New password, again').fill(again);
    await page.getByRole('button', { name: 'Set password and sign in' }).click();
  };
  await choose('something else');
  await page.getByRole('alert').getByText('The two passwords are not the same.').waitFor();
  await choose(own);
  await isIn();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await signIn(own);
  await isIn();
});

test('stays signed in over a reload, and keeps no long-lived token for that', async () => {
  await using visitor = await setup();
  const { page, signIn, isIn, kept } = visitor;
  await signIn();
  await isIn();
  await page.reload();
  await isIn();
  const tokens = Object.values(await kept()).map((token) => String(token).split('.')[1] ?? '');
  const claims = tokens.map((payload) => JSON.parse(Buffer.from(payload, 'base64url').toString()));
  expect(claims).toMatchObject([{ token_use: 'id', email: visitor.user.email }]);
});

test('forgets everything at sign-out', async () => {
  await using visitor = await setup();
  const { page, signIn, isIn, isOut, kept } = visitor;
  await signIn();
  await isIn();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await isOut();
  expect(await kept()).toEqual({});
  await page.reload();
  await isOut();
});

test('asks to sign in again, and says why, when the API does not take the token', async () => {
  await using visitor = await setup();
  const { page, signIn, isIn, isOut } = visitor;
  await signIn();
  await isIn();
  await page.evaluate(() => {
    const token = sessionStorage.getItem('sluice.token') ?? '';
    sessionStorage.setItem('sluice.token', `${token.slice(0, -8)}AAAAAAAA`);
  });
  await page.reload();
  await isOut();
  await page.getByRole('alert').getByText('Your session has ended.').waitFor();
});

test('takes a pasted token where the team has an issuer of its own, and says whose tokens it takes', async () => {
  await using visitor = await setup();
  const { page, idToken, isIn } = visitor;
  // As a deployment with jwtIssuer would be configured; its API takes the same token here.
  const signIn = { kind: 'token', issuer: 'https://id.example.com/' };
  await page.route('**/console/config.json', (route) => route.fulfill({ json: { signIn } }));
  await page.reload();
  await page.getByText('https://id.example.com/').waitFor();
  const paste = async (token: string) => {
    await page.getByLabel('Token').fill(token);
    await page.getByRole('button', { name: 'Sign in' }).click();
  };
  await paste('not a token');
  await page.getByRole('alert').getByText('That is not a JSON Web Token, or it has expired.').waitFor();
  await paste(` ${idToken}\n`);
  await isIn();
});

test('opens at an address without a slash at its end, too', async () => {
  const { apiUrl } = inject('stack');
  await using visitor = await setup(`${apiUrl}/$default?from=mail`);
  await visitor.isOut();
  expect(visitor.page.url()).toBe(`${apiUrl}/$default/?from=mail`);
  await visitor.signIn();
  await visitor.isIn();
});
