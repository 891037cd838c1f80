// How the console page looks and sounds: in both themes, on a phone, to assistive technology.
// UPDATE_SCREENSHOTS=1 also renews the pictures in docs/images.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { env } from 'node:process';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, expect, inject, test } from 'vitest';
import { projectRoot } from '../../local/folders.ts';
import { launchBrowser } from '../setup/browser.ts';
import { disguisedPage, takePicture, visit } from './visitor.ts';

const browser = await launchBrowser();
afterAll(() => browser.close());

const axeSource = await readFile(createRequire(import.meta.url).resolve('axe-core'), 'utf8');

const VERDICT = { timeout: 30_000 };

function setup(options: BrowserContextOptions) {
  return visit(browser, inject('stack'), options);
}

/** What axe finds at fault in the page as it is now, one line per rule and place. */
async function findFaults(page: Page): Promise<string[]> {
  // What is just fading in has not its colours yet. One that goes on for ever never ends.
  await page.evaluate(() =>
    Promise.all(
      document
        .getAnimations()
        .filter(({ effect }) => effect?.getComputedTiming().iterations !== Number.POSITIVE_INFINITY)
        .map(({ finished }) => finished.catch(() => undefined)),
    ),
  );
  await page.evaluate(axeSource); // over the debugger, which the page's security policy does not bind
  return page.evaluate(async () => {
    type Violation = { id: string; nodes: { target: string[]; failureSummary?: string }[] };
    // Defined by the line above.
    const { axe } = window as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } };
    const { violations } = await axe.run();
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`),
    );
  });
}

async function uploadSome({ page, pick, seeState }: Awaited<ReturnType<typeof setup>>): Promise<void> {
  const rows = 'station,temperature\nharbour,11.4\npier,10.9\n'.repeat(400);
  await pick(
    disguisedPage('invoice.png'),
    { name: 'notes.md', mimeType: 'text/markdown', buffer: Buffer.from('# Notes\n\nAll is well.\n') },
    { name: 'readings-2026-11.csv', mimeType: 'text/csv', buffer: Buffer.from(rows) },
    await takePicture(page, 'harbour at dawn.jpg'),
  );
  await seeState('invoice.png', 'Rejected');
  for (const name of ['notes.md', 'readings-2026-11.csv', 'harbour at dawn.jpg']) {
    await seeState(name, 'Accepted');
  }
}

/** Files whose bytes are never taken, as by a network that stands still. Returns what cancels them. */
async function sendForever({ page, pick }: Awaited<ReturnType<typeof setup>>) {
  const { endpoint, buckets } = inject('stack');
  const address = `${endpoint}/${buckets.incoming}/**`;
  await page.route(address, () => undefined);
  await pick(await takePicture(page, 'pier.png'), {
    name: 'backup-2026-11.tar.gz',
    mimeType: 'application/gzip',
    buffer: Buffer.alloc(20 * 1024 ** 2),
  });
  await page.getByText('Uploading 2 files').waitFor();
  await page.waitForTimeout(500); // until what Uppy moves in has come to rest
  return async () => {
    await page.getByRole('button', { name: 'Cancel', exact: true }).last().click();
    await page.locator('#upload').getByText('backup-2026-11.tar.gz').waitFor({ state: 'detached' });
    await page.unroute(address);
  };
}

async function shoot(page: Page, name: string): Promise<void> {
  if (env.UPDATE_SCREENSHOTS !== '1') return;
  await page.mouse.move(0, 0);
  await page.screenshot({ path: join(projectRoot, 'docs', 'images', `${name}.png`), animations: 'disabled' });
}

test.each(['light', 'dark'] as const)(
  'has no accessibility fault in the %s theme, in any of its views',
  async (colorScheme) => {
    await using visitor = await setup({ colorScheme, viewport: { width: 1120, height: 800 } });
    const { page, signIn, row, complaints } = visitor;
    expect(await findFaults(page)).toEqual([]);
    await signIn('wrong');
    await page.getByRole('alert').waitFor();
    expect(await findFaults(page)).toEqual([]);
    await signIn();
    await page.getByText('Nothing here yet').waitFor();
    expect(await findFaults(page)).toEqual([]);

    await uploadSome(visitor);
    await shoot(page, `console-${colorScheme}`);
    await row('invoice.png').getByRole('button', { name: 'Details of invoice.png' }).click();
    await row('harbour at dawn.jpg').getByRole('button', { name: 'Details of harbour at dawn.jpg' }).click();
    await row('notes.md').getByRole('button', { name: 'Details of notes.md' }).click();
    await row('notes.md').getByRole('region', { name: 'Beginning of notes.md' }).waitFor();
    await page.getByText('What may be uploaded').click();
    expect(await findFaults(page)).toEqual([]);
    await page.getByText('What may be uploaded').click();
    await row('notes.md').getByRole('button', { name: 'Delete notes.md' }).click();
    expect(await findFaults(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await row('notes.md').getByLabel('Select notes.md').check();
    expect(await findFaults(page)).toEqual([]);
    await row('notes.md').getByLabel('Select notes.md').uncheck();

    const end = await sendForever(visitor);
    expect(await findFaults(page)).toEqual([]);
    await page.evaluate(() => scrollTo(0, 0));
    if (colorScheme === 'light') await shoot(page, 'console-sending');
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    await page.getByText('Upload paused').waitFor();
    expect(await findFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Add more files' }).click();
    expect(await findFaults(page)).toEqual([]);
    await page.locator('.uppy-Dashboard-AddFilesPanel .uppy-DashboardContent-back').click();
    await end();
    // The wrong password is the pool's 400, which Chromium writes to its console whatever the page does about
    // it.
    expect(complaints).toEqual([expect.stringContaining('400')]);
  },
);

test('fits a phone: nothing is cut off, and what is pressed is as large as a finger', async () => {
  await using visitor = await setup({
    viewport: { width: 360, height: 740 },
    deviceScaleFactor: 2,
    hasTouch: true,
    isMobile: true,
  });
  const { page, signIn } = visitor;
  await signIn();
  await page.getByText('Nothing here yet').waitFor();
  await uploadSome(visitor);
  await shoot(page, 'console-phone');
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBe(360);
  const sizes = await page.locator('button:visible, select:visible').evaluateAll((elements) =>
    elements.map((element) => {
      const { width: across, height } = element.getBoundingClientRect();
      return Math.min(across, height);
    }),
  );
  expect(Math.min(...sizes)).toBeGreaterThanOrEqual(44);
  expect(await findFaults(page)).toEqual([]);
  const end = await sendForever(visitor);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  expect(await findFaults(page)).toEqual([]);
  await end();
});

test('reads out what becomes of a file', async () => {
  await using visitor = await setup({});
  const { page, signIn, pick } = visitor;
  await signIn();
  await page.getByText('Nothing here yet').waitFor();
  await pick(disguisedPage('invoice.png'));
  await page
    .getByRole('status')
    .filter({ hasText: 'invoice.png: Rejected. It has contents that a browser would run.' })
    .waitFor({ ...VERDICT, state: 'attached' });
});

test('follows the system until the person chooses a theme, and remembers the choice', async () => {
  await using visitor = await setup({ colorScheme: 'dark' });
  const { page } = visitor;
  const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const dark = await ground();
  await page.emulateMedia({ colorScheme: 'light' });
  const light = await ground();
  expect(light).not.toBe(dark);
  await page.getByRole('button', { name: 'Switch to the dark theme' }).click();
  expect(await ground()).toBe(dark);
  await page.reload();
  expect(await ground()).toBe(dark);
  await page.getByRole('button', { name: 'Switch to the light theme' }).waitFor();
});
