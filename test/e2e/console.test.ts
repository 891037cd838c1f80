// What people do at the console page, in a real browser, against the deployed stack.

import { readFile } from 'node:fs/promises';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { launchBrowser } from '../setup/browser.ts';
import { made } from '../uppy/files.ts';
import { disguisedPage, takePicture, visit } from './visitor.ts';

const browser = await launchBrowser();
afterAll(() => browser.close());

async function setup() {
  const stack = inject('stack');
  const visitor = await visit(browser, stack);
  await visitor.signIn();
  await visitor.page.getByText('Nothing here yet').waitFor();
  const saved = async (name: string): Promise<Buffer> => {
    const [download] = await Promise.all([
      visitor.page.waitForEvent('download'),
      visitor
        .row(name)
        .getByRole('button', { name: `Download ${name}` })
        .click(),
    ]);
    return readFile(await download.path());
  };
  const call = (path: string, init: RequestInit = {}, idToken = visitor.idToken) =>
    fetch(stack.apiUrl + path, { ...init, headers: { ...init.headers, authorization: `Bearer ${idToken}` } });
  const idOf = async (name: string): Promise<string> => {
    const row = visitor.row(name);
    await row.getByRole('button', { name: `Details of ${name}` }).click();
    return (await row.locator('dt:text-is("Upload id") + dd').textContent()) ?? '';
  };
  return { ...visitor, stack, saved, call, idOf };
}

describe('uploading', () => {
  test('accepts pictures that are dropped on the page, and gives back the same bytes', async () => {
    await using visitor = await setup();
    const { page, saved, complaints, seeState } = visitor;
    const files = [await takePicture(page, 'harbour.jpg'), await takePicture(page, 'harbour at night.png')];
    const dropped = files.map(({ name, mimeType, buffer }) => ({ name, mimeType, bytes: [...buffer] }));
    await page.evaluate((pictures) => {
      const dataTransfer = new DataTransfer();
      for (const { name, mimeType, bytes } of pictures) {
        dataTransfer.items.add(new File([new Uint8Array(bytes)], name, { type: mimeType }));
      }
      for (const type of ['dragover', 'drop']) {
        document.body.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
      }
    }, dropped);
    for (const { name, buffer } of files) {
      await seeState(name, 'Accepted');
      expect((await saved(name)).equals(buffer)).toBe(true);
    }
    expect(complaints).toEqual([]);
  });

  test('takes files from the keyboard alone', async () => {
    await using visitor = await setup();
    const { page, seeState } = visitor;
    const opened = page.waitForEvent('filechooser');
    const picture = await takePicture(page, 'keys.png');
    await page.getByRole('button', { name: 'choose them' }).focus();
    await page.keyboard.press('Enter');
    const chooser = await opened;
    expect(chooser.isMultiple()).toBe(true);
    await chooser.setFiles([picture]);
    await seeState('keys.png', 'Accepted');
  });

  test('shows a page that calls itself a picture as rejected, with the reason and no download', async () => {
    await using visitor = await setup();
    const { pick, row, call, idOf, complaints, seeState } = visitor;
    await pick(disguisedPage('invoice.png'));
    await seeState('invoice.png', 'Rejected');
    await row('invoice.png').getByText('It has contents that a browser would run.').waitFor();
    expect(
      await row('invoice.png')
        .getByRole('button', { name: /Download/ })
        .count(),
    ).toBe(0);
    const answer = await call(`/uploads/${await idOf('invoice.png')}/download`);
    expect(answer.status).toBe(410);
    expect(complaints).toEqual([]);
  });

  test('refuses a file that no policy takes without asking the server', async () => {
    await using visitor = await setup();
    const { page, pick, row } = visitor;
    const asked: string[] = [];
    page.on('request', (request) => {
      if (request.method() !== 'GET') asked.push(request.url());
    });
    await pick({ name: 'setup.exe', mimeType: 'application/x-msdownload', buffer: Buffer.from('MZ') });
    await row('setup.exe').getByText('Files of this kind (.exe) are not taken here.').waitFor();
    await row('setup.exe').getByRole('button', { name: 'Take setup.exe off this list' }).click();
    await page.getByText('Nothing here yet').waitFor();
    expect(asked).toEqual([]);
  });

  test('refuses a picture when another policy is chosen', async () => {
    await using visitor = await setup();
    const { page, pick, row } = visitor;
    await page.getByLabel('Upload as').selectOption('Documents');
    await pick(await takePicture(page, 'photo.png'));
    await row('photo.png').getByText('are not taken as “Documents”').waitFor();
  });

  test('gives an upload up when it is cancelled while its bytes are on their way', async () => {
    await using visitor = await setup();
    const { page, pick, stack, seeState } = visitor;
    await page.route(`${stack.endpoint}/${stack.buckets.incoming}/**`, () => {
      // Never answered, as by a network that stands still.
    });
    const sent = page.waitForRequest((request) => request.url().includes(stack.buckets.incoming));
    await pick(await takePicture(page, 'slow.png'));
    await sent;
    await page.getByRole('button', { name: 'Cancel', exact: true }).last().click();
    await seeState('slow.png', 'Cancelled');
  });

  test('sends a large file in parts, stands still while it is paused, and goes on where it was', async () => {
    await using visitor = await setup();
    const { page, pick, saved, complaints, seeState } = visitor;
    const sent: string[] = [];
    let answer = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await page.route(/partNumber=\d/, async (route) => {
      const part = new URL(route.request().url()).searchParams.get('partNumber') ?? '';
      if (route.request().method() === 'PUT') sent.push(part);
      if (part === '2') await held;
      await route.continue().catch(() => undefined); // paused: nobody waits for it any more
    });
    const head = Buffer.from(made('application/gzip', '', 0).head, 'latin1');
    const buffer = Buffer.concat([head, Buffer.alloc(20 * 1024 ** 2, 7)]);
    await pick({ name: 'backup.gz', mimeType: 'application/gzip', buffer });
    await expect.poll(() => sent, { timeout: 30_000 }).toEqual(['1', '2']);
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    await page.getByText('Upload paused').waitFor();
    expect(await page.getByRole('button', { name: 'Download backup.gz' }).isVisible()).toBe(false);
    answer();
    await page.getByRole('button', { name: 'Resume', exact: true }).click();
    await seeState('backup.gz', 'Accepted');
    expect(sent).toEqual(['1', '2', '2', '3']);
    expect((await saved('backup.gz')).equals(buffer)).toBe(true);
    expect(complaints).toEqual([]);
  });

  test('sends a file under the policy that was chosen for it', async () => {
    await using visitor = await setup();
    const { page, pick, row, seeState } = visitor;
    await page.getByLabel('Upload as').selectOption('Documents');
    await pick({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('All is well.\n') });
    await seeState('notes.txt', 'Accepted');
    await row('notes.txt').getByRole('button', { name: 'Details of notes.txt' }).click();
    await row('notes.txt').locator('dt:text-is("Policy") + dd:text-is("documents")').waitFor();
  });

  test("shows the server's words and the request id when an upload is refused, and sends it again on request", async () => {
    await using visitor = await setup();
    const { page, pick, seeState } = visitor;
    const problem = {
      type: 'urn:sluice:problem:metadata_invalid',
      title: 'The metadata is wrong.',
      detail: 'The metadata is wrong in the test.',
      status: 422,
      code: 'metadata_invalid',
      retryable: false,
      requestId: 'request-of-the-test',
    };
    await page.route('**/s3/params?*', (route) =>
      route.fulfill({ status: 422, contentType: 'application/problem+json', body: JSON.stringify(problem) }),
    );
    await pick(await takePicture(page, 'again.png'));
    const notice = page
      .getByRole('alert')
      .filter({ hasText: 'again.png: The metadata is wrong in the test.' });
    await notice.getByText('Request id: request-of-the-test').waitFor();
    await page.unroute('**/s3/params?*');
    await page.getByRole('button', { name: 'Retry upload' }).last().click();
    await seeState('again.png', 'Accepted');
  });

  test('says so when the storage does not take a file, and leaves it there to be sent again', async () => {
    await using visitor = await setup();
    const { page, pick, stack } = visitor;
    await page.route(`${stack.endpoint}/${stack.buckets.incoming}**`, (route) =>
      route.fulfill({ status: 403 }),
    );
    await pick(await takePicture(page, 'barred.png'));
    await page.getByRole('alert').filter({ hasText: 'barred.png: It could not be sent' }).waitFor();
    expect(await page.getByRole('button', { name: 'Retry upload' }).count()).toBeGreaterThan(0);
  });
});

describe('the list', () => {
  test('shows nothing of what belongs to somebody else', async () => {
    await using owner = await setup();
    await owner.pick(await takePicture(owner.page, 'private.png'));
    await owner.seeState('private.png', 'Accepted');
    const id = await owner.idOf('private.png');

    await using stranger = await setup();
    expect(await stranger.page.getByText('private.png').count()).toBe(0);
    for (const path of [`/uploads/${id}`, `/uploads/${id}/download`]) {
      expect((await stranger.call(path)).status).toBe(404);
      expect((await owner.call(path, { redirect: 'manual' })).status).toBeLessThan(400);
    }
  });

  test('shows an upload that another tab has made, without a reload', async () => {
    await using visitor = await setup();
    const { page, call, seeState } = visitor;
    await call('/uploads', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ filename: 'elsewhere.png', contentType: 'image/png', size: 3 }),
    });
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
    await seeState('elsewhere.png', 'Awaiting file');
  });

  test('deletes what is selected, by one call, and leaves the rest', async () => {
    await using visitor = await setup();
    const { page, pick, row, complaints, seeState } = visitor;
    const text = (name: string) => ({ name, mimeType: 'text/markdown', buffer: Buffer.from(`# ${name}`) });
    await pick(text('one.md'), text('two.md'), text('three.md'));
    for (const name of ['one.md', 'two.md', 'three.md']) await seeState(name, 'Accepted');
    const calls: string[] = [];
    page.on('request', (request) => {
      if (request.method() === 'POST' || request.method() === 'DELETE') calls.push(request.url());
    });
    await page.getByLabel('Select all').check();
    await page.getByRole('button', { name: 'Delete 3 selected' }).waitFor();
    await row('two.md').getByLabel('Select two.md').uncheck();
    await page.getByRole('button', { name: 'Delete 2 selected' }).click();
    await page.getByRole('dialog', { name: 'Delete 2 uploads?' }).waitFor();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await seeState('one.md', 'Deleted');
    await seeState('three.md', 'Deleted');
    await seeState('two.md', 'Accepted');
    expect(calls.filter((url) => url.endsWith('/uploads/batch/delete'))).toHaveLength(1);
    expect(await page.getByRole('button', { name: /selected/ }).count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test('deletes a file once that is confirmed, and keeps it when the question is closed', async () => {
    await using visitor = await setup();
    const { page, pick, row, complaints, seeState } = visitor;
    await pick(await takePicture(page, 'old.png'));
    await seeState('old.png', 'Accepted');
    const remove = row('old.png').getByRole('button', { name: 'Delete old.png' });
    await remove.click();
    await page.getByRole('dialog', { name: 'Delete this file?' }).getByText('“old.png”').waitFor();
    await page.keyboard.press('Escape');
    await seeState('old.png', 'Accepted');
    await remove.click();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await seeState('old.png', 'Deleted');
    expect(
      await row('old.png')
        .getByRole('button', { name: /Download/ })
        .count(),
    ).toBe(0);
    expect(complaints).toEqual([]);
  });

  test('shows uploads of one state only when asked to, and further pages on request', async () => {
    await using visitor = await setup();
    const { page, call, pick, row, seeState } = visitor;
    for (let number = 1; number <= 26; number++) {
      await call('/uploads', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ filename: `${number}.png`, contentType: 'image/png', size: 3 }),
      });
    }
    await pick(disguisedPage('bad.png'));
    await seeState('bad.png', 'Rejected');
    await page.reload();
    await row('26.png').waitFor();
    expect(await row('1.png').count()).toBe(0);
    await page.getByRole('button', { name: 'Show more' }).click();
    await row('1.png').waitFor();

    await page.getByLabel('Show', { exact: true }).selectOption('rejected');
    await row('26.png').waitFor({ state: 'detached' });
    await row('bad.png').waitFor();
  });

  test('shows a picture in its details only once it has been accepted', async () => {
    await using visitor = await setup();
    const { page, pick, row, idOf, complaints, seeState } = visitor;
    await pick(await takePicture(page, 'seen.png'), disguisedPage('unseen.png'));
    await seeState('seen.png', 'Accepted');
    await seeState('unseen.png', 'Rejected');
    for (const name of ['seen.png', 'unseen.png']) await idOf(name);
    const width = await row('seen.png')
      .locator('img')
      .evaluate(async (image: HTMLImageElement) => {
        await image.decode();
        return image.naturalWidth;
      });
    expect(width).toBeGreaterThan(0);
    expect(await row('unseen.png').locator('img').isVisible()).toBe(false);
    expect(complaints).toEqual([]);
  });

  test('shows the beginning of a text as text, whatever is in it', async () => {
    await using visitor = await setup();
    const { page, pick, row, idOf, complaints, seeState } = visitor;
    const line = 'a,<img src=x onerror="document.title=1">,c\n';
    await pick({ name: 'rows.csv', mimeType: 'text/csv', buffer: Buffer.from(line.repeat(3_000)) });
    await seeState('rows.csv', 'Accepted');
    await idOf('rows.csv');
    const text = row('rows.csv').getByRole('region', { name: 'Beginning of rows.csv' });
    const shown = (await text.textContent()) ?? '';
    expect(shown.startsWith(line)).toBe(true);
    expect(shown.length).toBe(64 * 1024 + '\n… and so on.'.length);
    expect(await text.locator('*').count()).toBe(0);
    expect(await page.title()).toBe('Sluice');
    expect(complaints).toEqual([]);
  });
});
