// The pages of examples/ that upload as the stack's own users, started as their README says.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { createUser } from '../../local/users.ts';
import { launchBrowser } from '../setup/browser.ts';
import {
  disguised,
  type Example,
  findFaults,
  pictureOf,
  startExample,
  tableOf,
  visitExample,
  writeDown,
} from './example.ts';

const MiB = 1024 ** 2;
/** Of the parts of an upload. Held back, they leave it in the middle. */
const ALL_BUT_THE_FIRST = /partNumber=(?!1&)/;

const browser = await launchBrowser();
afterAll(() => browser.close());

/** As the API would answer a page that names a policy which is gone. */
const REFUSAL = {
  type: 'about:blank',
  title: 'Bad Request',
  status: 400,
  detail: 'There is no policy "avatars".',
  code: 'policy_unknown',
  requestId: 'r-1',
  retryable: false,
};

/** The stack file of `npm start`, with a demo user who has no uploads. */
async function describeStack() {
  const stack = inject('stack');
  const demo = { email: `demo.${randomUUID().slice(0, 8)}@example.com`, password: randomUUID() };
  await createUser(stack, demo);
  return { ...stack, demo };
}

describe('the page with React', () => {
  let example: Example;
  beforeAll(async () => {
    example = await startExample('react', await describeStack());
  });
  afterAll(() => example[Symbol.asyncDispose]());

  test('shows what was accepted and why the other was rejected, and downloads the first', async () => {
    await using guest = await visitExample(browser, example.url);
    const { page, row, pick } = guest;
    await page.getByText('Signed in as').waitFor();
    await pick(await pictureOf(page, 'harbour.png'), disguised('invoice.png'));
    await row('harbour.png').getByText('Accepted', { exact: true }).waitFor();
    await row('invoice.png').getByText('Rejected', { exact: true }).waitFor();
    await row('invoice.png').getByText('a browser could run it').waitFor();
    await guest.shoot('react-light');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      row('harbour.png').getByRole('button', { name: 'Download' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('harbour.png');
    expect(guest.complaints).toEqual([]);
  });

  test('goes on after a reload with the parts that have not arrived, when the same file is picked again', async () => {
    await using guest = await visitExample(browser, example.url, { colorScheme: 'dark' });
    const { page, row, pickPath } = guest;
    // On disk, as the same file has the same time of change.
    const table = await writeDown(tableOf('readings.csv', 24 * MiB));
    const sent: string[] = [];
    const partOf = (url: string) => new URL(url).searchParams.get('partNumber') ?? '';
    // All parts but the first are held back: the visitor leaves in the middle.
    await page.route(ALL_BUT_THE_FIRST, () => undefined);
    page.on('requestfinished', (request) => {
      if (request.method() === 'PUT') sent.push(partOf(request.url()));
    });
    await pickPath(table);
    await expect.poll(() => sent, { timeout: 30_000 }).toEqual(['1']);
    await row('readings.csv').getByText('Sending', { exact: true }).waitFor();
    await guest.shoot('react-sending-dark');

    await page.unroute(ALL_BUT_THE_FIRST);
    await page.reload();
    await row('readings.csv').getByText('Pick the same file again, and it goes on where it was.').waitFor();
    await guest.shoot('react-reloaded-dark');
    await pickPath(table);
    await row('readings.csv').getByText('Accepted', { exact: true }).waitFor();
    expect(sent.filter((part) => part === '1')).toHaveLength(1);
    expect(new Set(sent).size).toBeGreaterThan(1);
  });

  test('pauses, goes on, cancels and tries again', async () => {
    await using guest = await visitExample(browser, example.url, { viewport: { width: 360, height: 740 } });
    const { page, row, pick } = guest;
    await page.route(ALL_BUT_THE_FIRST, () => undefined);
    await pick(tableOf('slow.csv', 18 * MiB));
    const slow = row('slow.csv');
    await slow.getByText('Sending', { exact: true }).waitFor();
    await slow.getByRole('button', { name: 'Pause' }).click();
    await slow.getByText('Paused', { exact: true }).waitFor();
    await slow.getByRole('button', { name: 'Resume' }).click();
    await slow.getByText('Sending', { exact: true }).waitFor();
    await slow.getByRole('button', { name: 'Cancel' }).click();
    await slow.getByText('Cancelled', { exact: true }).waitFor();
    await guest.shoot('react-phone');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);

    await page.unroute(ALL_BUT_THE_FIRST);
    await slow.getByRole('button', { name: 'Retry' }).click();
    await slow.getByText('Accepted', { exact: true }).waitFor();
  });

  test('takes what is dropped on it', async () => {
    await using guest = await visitExample(browser, example.url);
    const { page, row } = guest;
    const dataTransfer = await page.evaluateHandle(() => {
      const dropped = new DataTransfer();
      dropped.items.add(new File(['# Notes\n\nAll is well.\n'], 'notes.md', { type: 'text/markdown' }));
      return dropped;
    });
    await page.getByRole('region', { name: 'Choose files' }).dispatchEvent('drop', { dataTransfer });
    await row('notes.md').getByText('Accepted', { exact: true }).waitFor();
  });

  test('says what failed, and sends it again when it is told to', async () => {
    await using guest = await visitExample(browser, example.url);
    const { page, row, pick } = guest;
    await page.getByText('Signed in as').waitFor();
    // Refused for good, so that it is not tried again by itself.
    await page.route('**/uploads', (route) =>
      route.request().method() === 'POST'
        ? route.fulfill({
            status: 400,
            contentType: 'application/problem+json',
            headers: { 'access-control-allow-origin': '*' },
            body: JSON.stringify(REFUSAL),
          })
        : route.continue(),
    );
    await pick(await pictureOf(page, 'pier.png'));
    await row('pier.png').getByText('Failed', { exact: true }).waitFor();
    await row('pier.png').getByText('There is no policy "avatars".').waitFor();
    await page.unroute('**/uploads');
    await row('pier.png').getByRole('button', { name: 'Retry' }).click();
    await row('pier.png').getByText('Accepted', { exact: true }).waitFor();
  });

  test.each(['light', 'dark'] as const)('has nothing that axe finds at fault in %s', async (colorScheme) => {
    await using guest = await visitExample(browser, example.url, { colorScheme });
    await guest.pick(disguised('hidden.png'));
    await guest.row('hidden.png').getByText('Rejected', { exact: true }).waitFor();
    expect(await findFaults(guest.page)).toEqual([]);
  });
});

describe('the page with Uppy', () => {
  let example: Example;
  beforeAll(async () => {
    example = await startExample('uppy', await describeStack());
  });
  afterAll(() => example[Symbol.asyncDispose]());

  test.each(['light', 'dark'] as const)(
    'shows the verdict on what Uppy has sent, in %s',
    async (colorScheme) => {
      await using guest = await visitExample(browser, example.url, { colorScheme });
      const { page, row, pick } = guest;
      await page.getByText('Signed in as').waitFor();
      await pick(await pictureOf(page, 'harbour.png'), disguised('invoice.png'));
      await page.getByRole('button', { name: 'Upload 2 files' }).click();
      await row('harbour.png').getByText('Accepted', { exact: true }).waitFor();
      await row('invoice.png').getByText('Rejected', { exact: true }).waitFor();
      await row('invoice.png').getByText('a browser could run it').waitFor();
      await guest.shoot(`uppy-${colorScheme}`);
      expect(await findFaults(page, '#outcomes')).toEqual([]);
      expect(guest.complaints).toEqual([]);
    },
  );

  test('shows why a file is not taken at all, in the words of the API', async () => {
    await using guest = await visitExample(browser, example.url);
    const { page, row, pick } = guest;
    await page.getByText('Signed in as').waitFor();
    await pick({ name: 'setup.exe', mimeType: 'application/x-msdownload', buffer: Buffer.from('MZ') });
    await page.getByRole('button', { name: 'Upload 1 file' }).click();
    await row('setup.exe').getByText('Failed', { exact: true }).waitFor();
    expect(await row('setup.exe').locator('.reason').textContent()).toMatch(/application\/x-msdownload/);
    await guest.shoot('uppy-refused');
  });
});

test.each(['react', 'uppy'] as const)(
  'the page with %s says what to start when Sluice does not run',
  async (name) => {
    await using example = await startExample(name, undefined);
    await using guest = await visitExample(browser, example.url);
    await guest.page.getByRole('alert').getByText('Start it first: npm start').waitFor();
  },
);
