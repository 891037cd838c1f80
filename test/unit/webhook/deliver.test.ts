import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { deliverGroup, toGroups } from '../../../src/lib/webhook/deliver.ts';
import { LIMITS } from '../../../src/lib/webhook/endpoint.ts';
import { deriveSecret } from '../../../src/lib/webhook/keys.ts';
import { SCHEDULE_SECONDS } from '../../../src/lib/webhook/schedule.ts';
import { endpointOf, eventOf, MASTER, START, setup } from './world.ts';

const HOUR_MS = 3_600_000;

describe('an event', () => {
  test('arrives once, signed, with its own id', async () => {
    const { fanOut, deliverAll, sent, row, slots } = setup();
    expect(await fanOut()).toBe(1);
    await deliverAll();
    expect(sent).toHaveLength(1);
    const [{ url, headers, body } = { url: '', headers: {}, body: '' }] = sent;
    expect(url).toBe('https://hooks.example.com/sluice');
    expect(headers).toMatchObject({
      'webhook-id': 'a0.accepted',
      'webhook-timestamp': String(START / 1_000),
      'content-type': 'application/json',
    });
    const secret = deriveSecret(MASTER, { id: 'e1', version: 1 });
    expect(new Webhook(secret).sign('a0.accepted', new Date(START), body)).toBe(headers['webhook-signature']);
    expect(JSON.parse(body)).toEqual({
      type: 'upload.accepted',
      timestamp: '2026-11-26T12:00:00.000Z',
      data: eventOf().data,
    });
    expect(row()).toMatchObject({ state: 'delivered', attempts: [{ at: START, ms: 0, status: 204 }] });
    expect(row()?.dueAt).toBeUndefined();
    expect(slots.taken()).toBe(0);
  });

  test('that the bus repeats makes no second delivery, before or after it arrived', async () => {
    const { fanOut, deliverAll, sent, rows, run } = setup();
    await fanOut();
    expect(await fanOut()).toBe(0);
    await deliverAll();
    expect(await fanOut()).toBe(0);
    await run(300_000);
    expect(rows.size).toBe(1);
    expect(sent).toHaveLength(1);
  });

  test('goes to those alone who ask for its type, are enabled, and may hear of its tenant', async () => {
    const { fanOut, rows } = setup({
      endpoints: [
        endpointOf({ id: 'all' }),
        endpointOf({ id: 'own', scope: 'acme' }),
        endpointOf({ id: 'foreign', scope: 'acme2' }),
        endpointOf({ id: 'prefix', scope: 'acm' }),
        endpointOf({ id: 'other type', types: ['upload.expired'] }),
        endpointOf({ id: 'off', enabled: false }),
      ],
    });
    await fanOut();
    expect([...rows.values()].map(({ endpointId }) => endpointId)).toEqual(['all', 'own']);
  });

  test('whose message was lost is found by the sweep, and keeps its id', async () => {
    const { fanOut, run, queue, sent } = setup();
    await fanOut();
    queue.messages.length = 0;
    await run(130_000);
    expect(sent.map(({ headers }) => headers['webhook-id'])).toEqual(['a0.accepted']);
  });

  test('that is named twice in a batch is sent once', async () => {
    const { fanOut, queue, deliverAll, sent } = setup();
    await fanOut();
    await queue.announce([{ scope: '*', endpointId: 'e1', eventId: 'a0.accepted' }], 0);
    await deliverAll();
    expect(sent).toHaveLength(1);
  });
});

describe('an endpoint that fails', () => {
  test('is tried ten times in 75 hours and 35 minutes, and is then given up', async () => {
    const { fanOut, run, row } = setup({}, () => ({ status: 500, error: 'status' }));
    await fanOut();
    await run(80 * HOUR_MS, 1_000);
    const delivery = row();
    expect(delivery).toMatchObject({ state: 'failed', endReason: 'attempts_exhausted', attemptCount: 10 });
    const waits = delivery?.attempts.map(({ at }, index, all) => at - (all[index - 1]?.at ?? START));
    // The sweep looks once a minute.
    waits?.slice(1).forEach((wait, index) => {
      const wanted = (SCHEDULE_SECONDS[index + 1] ?? 0) * 1_000;
      expect(wait).toBeGreaterThanOrEqual(wanted);
      expect(wait).toBeLessThanOrEqual(wanted + 61_000);
    });
    expect(SCHEDULE_SECONDS.reduce((sum, seconds) => sum + seconds)).toBe((75 * 60 + 35) * 60 + 5);
  });

  test('on a stack that goes a thousand times faster is tried as often, in a few minutes', async () => {
    const { fanOut, run, row } = setup({ speed: 1_000 }, () => ({ status: 503, error: 'status' }));
    await fanOut();
    await run(10 * 60_000);
    const { attempts = [], ...delivery } = row() ?? {};
    expect(delivery).toMatchObject({ endReason: 'attempts_exhausted', attemptCount: 10 });
    expect((attempts.at(-1)?.at ?? 0) - START).toBeLessThan(8 * 60_000);
  });

  test('gets the same id, a new timestamp and a fresh signature with every attempt', async () => {
    const { fanOut, run, sent } = setup({}, (_sent, count) => ({ status: count < 3 ? 500 : 200 }));
    await fanOut();
    await run(400_000);
    const headers = sent.map((one) => one.headers);
    expect(headers.map((one) => one['webhook-id'])).toEqual(Array(3).fill('a0.accepted'));
    expect(new Set(headers.map((one) => one['webhook-timestamp'])).size).toBe(3);
    expect(new Set(headers.map((one) => one['webhook-signature'])).size).toBe(3);
  });

  test.each([301, 302, 307, 308, 400, 404, 500])('is tried again after %i', async (status) => {
    const { fanOut, deliverAll, row } = setup({}, () => ({ status, error: 'status' }));
    await fanOut();
    await deliverAll();
    expect(row()).toMatchObject({ state: 'pending', attemptCount: 1, nextAttemptAt: START + 5_000 });
  });

  test('waits longer by chance, so that what failed together is not tried together', async () => {
    const { fanOut, deliverAll, row } = setup({ random: 1 }, () => ({ status: 500 }));
    await fanOut();
    await deliverAll();
    expect(row()?.nextAttemptAt).toBe(START + 5_500);
  });

  test('with 410 is disabled, and nothing more is sent to it', async () => {
    const { fanOut, deliverAll, sent, endpoint, rows, outcomes } = setup({}, () => ({ status: 410 }));
    await fanOut(eventOf('a0'));
    await fanOut(eventOf('b1'));
    await deliverAll();
    expect(endpoint()).toMatchObject({ enabled: false, isGone: true });
    expect(sent).toHaveLength(1);
    expect([...rows.values()].map(({ state, endReason }) => [state, endReason])).toEqual([
      ['failed', 'endpoint_gone'],
      ['failed', 'endpoint_gone'],
    ]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['gone', 'failed']);
    expect(await fanOut(eventOf('c2'))).toBe(0);
  });

  test('with 410 is disabled though its row changes at the same moment', async () => {
    const { fanOut, deliverAll, endpointRows, endpoint } = setup({}, () => {
      endpointRows.set('e1', endpointOf({ revision: 9, version: 2 }));
      return { status: 410 };
    });
    await fanOut();
    await deliverAll();
    expect(endpoint()).toMatchObject({ enabled: false, isGone: true, version: 2, revision: 10 });
  });

  test.each([429, 502, 503, 504])('is left in peace for half a minute after %i', async (status) => {
    const { fanOut, deliverAll, row, endpoint, sent } = setup({}, () => ({ status }));
    await fanOut();
    await fanOut(eventOf('b1'));
    await deliverAll();
    expect(sent).toHaveLength(1);
    expect(endpoint()).toMatchObject({ pausedUntil: START + 30_000, pauses: 1 });
    expect(row()?.nextAttemptAt).toBe(START + 30_000);
  });

  test.each([
    [120, 120_000],
    [0, 1_000 * 5],
    [10 ** 9, 24 * HOUR_MS],
  ])('that says Retry-After: %i is tried again after %i ms', async (retryAfterSeconds, waitMs) => {
    const { fanOut, deliverAll, row } = setup({}, () => ({ status: 429, retryAfterSeconds }));
    await fanOut();
    await deliverAll();
    expect(row()?.nextAttemptAt).toBe(START + waitMs);
  });

  test('and answers again gets all that waited, without an attempt lost', async () => {
    let isUp = false;
    const { fanOut, run, rows, endpoint } = setup({}, () =>
      isUp ? { status: 200 } : { error: 'timed_out' },
    );
    for (let id = 0; id < 30; id += 1) await fanOut(eventOf(`id-${id}`));
    await run(20 * 60_000);
    expect([...rows.values()].every(({ state }) => state === 'pending')).toBe(true);
    isUp = true;
    await run(HOUR_MS);
    expect([...rows.values()].every(({ state }) => state === 'delivered')).toBe(true);
    expect(endpoint()).not.toHaveProperty('pauses');
  });

  test('for days has its deliveries given up, those that were never tried too', async () => {
    const { fanOut, run, rows } = setup({}, () => ({ error: 'timed_out' }));
    for (let id = 0; id < 20; id += 1) await fanOut(eventOf(`id-${id}`));
    await run(100 * HOUR_MS, 60_000);
    expect([...rows.values()].every(({ state }) => state === 'failed')).toBe(true);
    expect([...rows.values()].every(({ dueAt }) => dueAt === undefined)).toBe(true);
  });

  test('keeps its last twenty attempts, and no more', async () => {
    const { fanOut, run, rows, row, pass, deliverAll, queue, deps } = setup({}, () => ({ status: 500 }));
    await fanOut();
    for (let round = 0; round < 3; round += 1) {
      await run(80 * HOUR_MS, 30_000);
      const seen = row();
      if (seen === undefined) throw new Error('no row');
      await deps.deliveries.change(
        seen,
        { state: 'pending', attemptCount: 0, beganAt: deps.now(), nextAttemptAt: deps.now() },
        deps.now(),
      );
      await queue.announce([seen], 0);
      pass(0);
      await deliverAll();
    }
    expect(rows.size).toBe(1);
    expect(row()?.attempts).toHaveLength(LIMITS.attemptsKept);
  });
});

describe('an endpoint that is', () => {
  test('removed has what was pending given up', async () => {
    const { fanOut, deliverAll, endpointRows, row, sent } = setup();
    await fanOut();
    endpointRows.clear();
    await deliverAll();
    expect(row()).toMatchObject({ state: 'failed', endReason: 'endpoint_removed' });
    expect(sent).toEqual([]);
  });

  test('slow takes eight workers at most; the rest is put off, and uses no attempt', async () => {
    const answers: (() => void)[] = [];
    const { fanOut, deps, queue, sent, outcomes, rows } = setup(
      {},
      () => new Promise((resolve) => answers.push(() => resolve({ status: 200 }))),
    );
    for (let id = 0; id < 20; id += 1) await fanOut(eventOf(`id-${id}`));
    const work = queue.take().map((key) => {
      const [group = { scope: '*', endpointId: 'e1', keys: [] }] = toGroups([key]);
      return deliverGroup(
        deps,
        group,
        () => true,
        (outcome) => outcomes.push(outcome),
      );
    });
    await new Promise(setImmediate);
    expect(sent).toHaveLength(LIMITS.slots);
    expect(queue.messages).toHaveLength(20 - LIMITS.slots);
    expect([...rows.values()].every(({ attemptCount }) => attemptCount === 0)).toBe(true);
    for (const answer of answers) answer();
    await Promise.all(work);
  });

  test('met by a worker whose time is over gets its deliveries from the next', async () => {
    const { fanOut, deps, queue, sent, deliverAll } = setup();
    await fanOut(eventOf('a0'));
    await fanOut(eventOf('b1'));
    let attempts = 0;
    for (const group of toGroups(queue.take())) {
      await deliverGroup(
        deps,
        group,
        () => attempts++ < 1,
        () => {},
      );
    }
    expect(sent).toHaveLength(1);
    await deliverAll();
    expect(sent).toHaveLength(2);
  });
});

test('two workers with the same message send it once', async () => {
  const { fanOut, deps, queue, sent } = setup();
  await fanOut();
  const [group = { scope: '*', endpointId: 'e1', keys: [] }] = toGroups(queue.take());
  const deliver = () =>
    deliverGroup(
      deps,
      group,
      () => true,
      () => {},
    );
  await Promise.all([deliver(), deliver(), deliver()]);
  expect(sent).toHaveLength(1);
});
