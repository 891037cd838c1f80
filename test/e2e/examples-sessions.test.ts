// The backend of examples/ that has cookie sessions and no issuer: its page uploads by grants.
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { readService } from '../../local/users.ts';
import { launchBrowser } from '../setup/browser.ts';
import {
  disguised,
  type Example,
  findFaults,
  type Guest,
  pictureOf,
  startExample,
  visitExample,
} from './example.ts';

const browser = await launchBrowser();
afterAll(() => browser.close());

let example: Example;
beforeAll(async () => {
  const stack = inject('stack');
  example = await startExample('sessions', { ...stack, service: await readService(stack) });
});
afterAll(() => example?.[Symbol.asyncDispose]());

async function signIn({ page }: Guest, name: string): Promise<void> {
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Your pictures' }).waitFor();
}

test('a picture is sent by a grant, and the backend finds it by its reference, for its owner alone', async () => {
  await using ada = await visitExample(browser, example.url);
  await signIn(ada, 'ada');
  await ada.pick(await pictureOf(ada.page, 'ada.png'));
  await ada.page.getByRole('status').getByText('ada.png was accepted.').waitFor();
  await ada.page.getByRole('listitem').getByText('ada.png').waitFor();
  expect(await findFaults(ada.page)).toEqual([]);
  expect(ada.complaints).toEqual([]);

  await using ben = await visitExample(browser, example.url, {
    colorScheme: 'dark',
    viewport: { width: 360, height: 640 },
  });
  await signIn(ben, 'ben');
  expect(await ben.page.getByRole('listitem').count()).toBe(0);
  expect(await findFaults(ben.page)).toEqual([]);
  const wide = await ben.page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  expect(wide).toBe(false);
});

test('what is no picture is rejected, and nobody gets a grant who is not signed in', async () => {
  await using guest = await visitExample(browser, example.url);
  const without = await guest.page.evaluate(async () => (await fetch('/grant', { method: 'POST' })).status);
  expect(without).toBe(401);
  await signIn(guest, 'ben');
  await guest.pick(disguised('invoice.png'));
  await guest.page.getByRole('status').getByText('invoice.png was rejected.').waitFor();
  expect(await guest.page.getByRole('listitem').count()).toBe(0);
});
