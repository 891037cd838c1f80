// Uppy when something goes wrong half-way: the network, the page, S3. What was sent once is not sent again.
import { afterAll, describe, expect, test } from 'vitest';
import { MiB, made } from '../uppy/files.ts';
import { openStage, type Visit } from '../uppy/stage.ts';
import { add, outcomes, partsSent, untilDone, upload, uppySetup, WAYS } from '../uppy/ways.ts';

const stage = await openStage();
afterAll(() => stage[Symbol.asyncDispose]());

const PART = /[?&]partNumber=/;

/** Lets the requests for parts fail: the first `times` of them, as a broken connection would. */
async function breakParts({ page }: Visit, times: number) {
  let broken = 0;
  await page.route(PART, (route) => {
    if (route.request().method() !== 'PUT' || broken >= times) return route.continue();
    broken += 1;
    return route.abort('connectionreset');
  });
  return () => page.unroute(PART);
}

/** Counts the bytes of parts that reached S3. */
function countParts({ page }: Visit) {
  let answered = 0;
  page.on('response', (response) => {
    if (response.request().method() === 'PUT' && PART.test(response.url()) && response.ok()) answered += 1;
  });
  return () => answered;
}

// Version 5 takes ten seconds to give up, and behaves alike by either way.
const EACH_KIND = WAYS.slice(0, 3);

describe.each(EACH_KIND)('%s', (_way, major, by) => {
  test('repeats a part whose connection broke, and nobody notices', async () => {
    const { visit, verdicts } = uppySetup(stage);
    await using there = await visit(major, by, { multipart: true });
    await breakParts(there, 2);
    await add(there, made('image/jpeg', 'broken.jpg', 12 * MiB));
    await upload(there);
    expect(await verdicts(await outcomes(there))).toMatchObject({
      'broken.jpg': { state: 'accepted', size: 12 * MiB },
    });
  });

  test('fails when S3 cannot be reached, and succeeds when the visitor tries again', async () => {
    const { visit, verdicts } = uppySetup(stage);
    await using there = await visit(major, by, { multipart: true });
    const mend = await breakParts(there, Number.POSITIVE_INFINITY);
    await add(there, made('image/jpeg', 'again.jpg', 6 * MiB));
    await upload(there);
    expect(await outcomes(there)).toMatchObject([{ name: 'again.jpg', error: expect.any(String) }]);
    await mend();
    await there.page.evaluate(() => driver.retry());
    expect(await verdicts(await outcomes(there))).toMatchObject({
      'again.jpg': { state: 'accepted', size: 6 * MiB },
    });
  });

  test('goes on after a reload of the page, with the parts that are missing', async () => {
    const { visit, verdicts } = uppySetup(stage);
    const setting = { multipart: true, keep: true };
    await using there = await visit(major, by, { ...setting, atPart: { count: 1, act: 'pause' } });
    await add(there, made('image/jpeg', 'reloaded.jpg', 10 * MiB));
    await there.page.waitForTimeout(1000); // Golden Retriever stores the file without saying when it has
    void upload(there).catch(() => undefined); // cut off by the reload
    await there.page.waitForFunction(() => driver.state().some(({ isPaused }) => isPaused));
    await there.page.waitForTimeout(1000); // and what is known of the upload, likewise
    const before = await there.page.evaluate(() => driver.state());
    const sentBefore = await partsSent(there);

    const answered = countParts(there);
    await there.reopen();
    await there.page.waitForFunction(() => driver.count() > 0);
    expect(await there.page.evaluate(() => driver.state())).toMatchObject(
      before.map(({ name, multipartKey }) => ({ name, multipartKey })),
    );
    await there.page.evaluate(() => driver.restore());
    await untilDone(there);
    expect(await verdicts(await outcomes(there))).toMatchObject({
      'reloaded.jpg': { state: 'accepted', size: 10 * MiB },
    });
    // Fewer when S3 had a part whose answer the page did not live to see.
    expect(answered()).toBeLessThanOrEqual(2 - sentBefore);
  });
});

describe.each(EACH_KIND.filter(([way]) => !way.includes('signRequest')))('%s', (_way, major, by) => {
  test('sends 200 MiB although the network goes away in the middle', async () => {
    const { visit, verdicts } = uppySetup(stage);
    await using there = await visit(major, by);
    const answered = countParts(there);
    await add(there, made('application/gzip', 'large.gz', 200 * MiB));
    const sending = upload(there);
    await there.page.waitForFunction(() => driver.parts() >= 15);
    await there.context.setOffline(true);
    await there.page.waitForTimeout(1500);
    await there.context.setOffline(false);
    await sending;
    // Version 6 gives up when it finds itself offline, and leaves what it has sent; its Dashboard offers to
    // try again.
    if ((await outcomes(there)).some(({ error }) => error)) await there.page.evaluate(() => driver.retry());
    expect(await verdicts(await outcomes(there))).toMatchObject({
      'large.gz': { state: 'accepted', size: 200 * MiB, transport: 'multipart' },
    });
    expect(answered()).toBeLessThanOrEqual(40 + 6);
  });
});
