// Uppy 5 and 6 as npm serves them, unmodified, in a real browser, on a page of another origin than the API's.
import { afterAll, describe, expect, test } from 'vitest';
import { AWKWARD_NAMES, MiB, made } from '../uppy/files.ts';
import { openStage } from '../uppy/stage.ts';
import { add, idOf, outcomes, partsSent, untilDone, upload, uppySetup, WAYS } from '../uppy/ways.ts';

const stage = await openStage();
afterAll(() => stage[Symbol.asyncDispose]());

describe.each(WAYS)('%s', (_way, major, by) => {
  test('sends a small file by one form, and it is accepted', async () => {
    const { visit, verdicts } = uppySetup(stage);
    await using there = await visit(major, by);
    await add(there, made('image/jpeg', 'small.jpg', 2048));
    await upload(there);
    expect(await verdicts(await outcomes(there))).toMatchObject({
      'small.jpg': { state: 'accepted', size: 2048, transport: 'post', filename: 'small.jpg' },
    });
  });

  test('sends a file in parts, and is told where to follow it', async () => {
    const { visit, verdicts, stack } = uppySetup(stage);
    await using there = await visit(major, by, { multipart: true });
    await add(there, made('image/jpeg', 'parts.jpg', 12 * MiB + 1));
    await upload(there);
    const seen = await outcomes(there);
    expect(await verdicts(seen)).toMatchObject({
      'parts.jpg': { state: 'accepted', size: 12 * MiB + 1, transport: 'multipart' },
    });
    expect(await partsSent(there)).toBe(3);
    expect(seen[0]?.location).toBe(`${stack.apiUrl}/uploads/${idOf(seen[0]?.key ?? '')}`);
  });

  test('goes on after a pause with the parts that are missing', async () => {
    const { visit, verdicts } = uppySetup(stage);
    await using there = await visit(major, by, { multipart: true, atPart: { count: 2, act: 'pause' } });
    await add(there, made('image/jpeg', 'paused.jpg', 24 * MiB));
    const sending = upload(there);
    await there.page.waitForFunction(() => driver.state().some(({ isPaused }) => isPaused));
    await there.page.waitForTimeout(300);
    expect(await outcomes(there)).toEqual([]);
    await there.page.evaluate(() => driver.resume());
    await Promise.all([sending, untilDone(there)]);
    expect(await verdicts(await outcomes(there))).toMatchObject({
      'paused.jpg': { state: 'accepted', size: 24 * MiB },
    });
    expect(await partsSent(there)).toBeLessThanOrEqual(5);
  });

  test('aborts the upload when the visitor cancels it', async () => {
    const { visit, alice } = uppySetup(stage);
    await using there = await visit(major, by, { multipart: true, atPart: { count: 1, act: 'cancel' } });
    const begun = there.page.waitForResponse(
      (response) => response.request().method() === 'POST' && response.url().endsWith('/s3/multipart'),
    );
    const aborted = there.page.waitForResponse((response) => response.request().method() === 'DELETE');
    await add(there, made('image/jpeg', 'cancelled.jpg', 24 * MiB));
    await Promise.all([upload(there), aborted]);
    expect((await aborted).status()).toBe(200);
    const { key }: { key: string } = await (await begun).json();
    expect((await alice.read(idOf(key))).state).toBe('aborted');
    expect(await there.page.evaluate(() => driver.count())).toBe(0);
  });

  test('sends twenty files at once, however awkward their names', async () => {
    const { visit, verdicts } = uppySetup(stage);
    await using there = await visit(major, by);
    await add(there, ...AWKWARD_NAMES.map(([name]) => made('image/jpeg', name, 1024)));
    await upload(there);
    const seen = await verdicts(await outcomes(there));
    const accepted = Object.values(seen).map(({ state, filename }) => [state, filename]);
    expect(accepted.toSorted()).toEqual(AWKWARD_NAMES.map(([, kept]) => ['accepted', kept]).toSorted());
  });

  test('sends an empty file, in parts or not, where the policy takes it', async () => {
    const { visit, verdicts } = uppySetup(stage);
    for (const multipart of [false, true]) {
      await using there = await visit(major, by, { multipart });
      await add(there, made('text/csv', 'empty.csv', 0));
      await upload(there);
      expect(await verdicts(await outcomes(there))).toMatchObject({
        'empty.csv': { state: 'accepted', size: 0 },
      });
    }
  });
});
