// A person at the console page, in a real browser.
import { randomUUID } from 'node:crypto';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { createUser, logIn, type User } from '../../local/users.ts';
import type { TestStack } from '../setup/local-stack.ts';

export type PickedFile = { readonly name: string; readonly mimeType: string; readonly buffer: Buffer };

export type Visitor = AsyncDisposable & {
  readonly page: Page;
  readonly user: User;
  readonly idToken: string;
  /** What the browser complained about so far: errors, and whatever the page's security policy blocked. */
  readonly complaints: string[];
  readonly signIn: (password?: string) => Promise<void>;
  readonly pick: (...files: readonly PickedFile[]) => Promise<void>;
  /** The row of a file, by its name. */
  readonly row: (name: string) => Locator;
  /** Waits until the row of a file shows this state. */
  readonly seeState: (name: string, state: string) => Promise<void>;
};

/** Opens the console as a new user, who has no uploads. */
export async function visit(
  browser: Browser,
  stack: TestStack,
  { address = stack.consoleUrl, ...options }: BrowserContextOptions & { readonly address?: string } = {},
): Promise<Visitor> {
  const user = { email: `ada.${randomUUID().slice(0, 8)}@example.com`, password: randomUUID() };
  await createUser(stack, user);
  const { idToken } = await logIn(stack, user);
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(address);
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();

  const row = (name: string) =>
    page.getByRole('listitem').filter({ has: page.getByText(name, { exact: true }) });

  return {
    page,
    user,
    idToken,
    complaints,
    signIn: async (password = user.password) => {
      await page.getByLabel('E-mail').fill(user.email);
      await page.getByLabel('Password', { exact: true }).fill(password);
      await page.getByRole('button', { name: 'Sign in' }).click();
    },
    // The inputs are hidden; the button that opens the first is tried in a test of its own.
    pick: (...files) =>
      page
        .locator('#upload input[type=file]')
        .first()
        .setInputFiles([...files]),
    row,
    seeState: (name, state) =>
      row(name).locator('.pill').getByText(state, { exact: true }).waitFor({ timeout: 30_000 }),
    [Symbol.asyncDispose]: () => context.close(),
  };
}

/** A real picture, made by the browser itself of whatever it shows. */
export async function takePicture(page: Page, name: string): Promise<PickedFile> {
  const type = name.endsWith('.jpg') ? 'jpeg' : 'png';
  return { name, mimeType: `image/${type}`, buffer: await page.screenshot({ type }) };
}

/** A page that calls itself a picture. */
export function disguisedPage(name: string): PickedFile {
  return {
    name,
    mimeType: 'image/png',
    buffer: Buffer.from('<!doctype html><title>hello</title><script>alert(1)</script>'),
  };
}
