// The events of the webhooks' queues and their schedule, through the functions that they are for.
import { afterEach, expect, test, vi } from 'vitest';
import { createHandler as createDeliver } from '../../../src/handlers/deliver-webhooks.ts';
import { createHandler as createFanOut } from '../../../src/handlers/fan-out-webhooks.ts';
import { createHandler as createRetry } from '../../../src/handlers/retry-webhooks.ts';
import { metrics } from '../../../src/lib/log/metrics.ts';
import { newDelivery } from '../../../src/lib/webhook/delivery.ts';
import { captureLog } from '../../fakes/log-lines.ts';
import { WEBHOOK } from './webhooks-world.ts';
import { context, createWorld, ID, NOW, readEvent, variantsOf } from './world.ts';

afterEach(() => void vi.restoreAllMocks());

const KEY = { scope: '*', endpointId: WEBHOOK, eventId: `${ID}.accepted` };
const FIRST = '059f36b4-87a3-44ab-83d2-661970000001';

async function setup(isPending = false) {
  const lines = captureLog();
  const { webhooks } = await createWorld();
  if (isPending) {
    await webhooks.deliveries.create(newDelivery(KEY, { type: 'upload.accepted', body: '{}' }, NOW - 60_000));
  }
  const told = () => lines.flatMap(({ message }) => (message === undefined ? [] : [message]));
  return { webhooks, told };
}

const FAN_OUT: Readonly<
  Record<string, { failed: readonly string[]; made: number; told: readonly string[] }>
> = {
  accepted: { failed: [], made: 1, told: ['webhooks made'] },
  'one-malformed': { failed: [FIRST], made: 1, told: ['webhooks not made', 'webhooks made'] },
  'unknown-type': { failed: [FIRST], made: 0, told: ['webhooks not made'] },
};

test.each(Object.entries(FAN_OUT))('fan-out-webhooks.%s', async (variant, { failed, made, told }) => {
  const { webhooks, told: lines } = await setup();
  const answer = await createFanOut(webhooks)(readEvent(`fan-out-webhooks.${variant}.json`), context);
  expect(answer).toEqual({ batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) });
  expect([...webhooks.rows.values()]).toHaveLength(made);
  expect(webhooks.messages.map(({ key }) => key)).toEqual(made === 1 ? [KEY] : []);
  expect(lines()).toEqual(told);
});

test('fan-out-webhooks reads the endpoints once for the events of a batch, and anew for the next', async () => {
  const { webhooks } = await setup();
  const asked: string[] = [];
  const list = (scope: string) => {
    asked.push(scope);
    return webhooks.endpoints.list(scope);
  };
  const handler = createFanOut({ ...webhooks, endpoints: { list } });
  const event = readEvent('fan-out-webhooks.accepted.json');
  const batch = { Records: [...event.Records, ...event.Records, ...event.Records] };
  await handler(batch, context);
  expect(asked).toHaveLength(2);
  await handler(batch, context);
  expect(asked).toHaveLength(4);
});

test('a batch with nothing to count writes no metrics, of which Powertools would warn', async () => {
  const publish = vi.spyOn(metrics, 'publishStoredMetrics');
  const { webhooks } = await setup();
  await createFanOut(webhooks)(readEvent('fan-out-webhooks.accepted.json'), context);
  await createDeliver(webhooks)({ Records: [] }, context);
  expect(publish).not.toHaveBeenCalled();
});

const DELIVER: Readonly<Record<string, readonly string[]>> = {
  one: ['webhook delivered'],
  'one-malformed': ['webhooks not delivered', 'webhook delivered'],
};

test.each(Object.entries(DELIVER))('deliver-webhooks.%s', async (variant, told) => {
  const { webhooks, told: lines } = await setup(true);
  const answer = await createDeliver(webhooks)(readEvent(`deliver-webhooks.${variant}.json`), context);
  expect(answer).toEqual({ batchItemFailures: [] });
  expect(webhooks.sent).toEqual([`${ID}.accepted`]);
  expect(lines()).toEqual(told);
});

test('deliver-webhooks gives a message back when it met a fault, and says nothing of the URL', async () => {
  const lines = captureLog();
  const { webhooks } = await setup(true);
  const deps = {
    ...webhooks,
    post: async () => {
      throw new Error('a fault');
    },
  };
  const answer = await createDeliver(deps)(readEvent('deliver-webhooks.one.json'), context);
  expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: FIRST }] });
  expect(JSON.stringify(lines)).not.toContain('app.example.com');
  expect(webhooks.slots.taken()).toBe(0);
});

test('retry-webhooks.scheduled announces what is due', async () => {
  const { webhooks, told } = await setup(true);
  await createRetry(webhooks)(readEvent('retry-webhooks.scheduled.json'), context);
  expect(webhooks.messages.map(({ key }) => key)).toEqual([KEY]);
  expect(told()).toEqual(['webhooks announced']);
});

test('every event of these functions has a test', () => {
  expect(variantsOf('fan-out-webhooks').toSorted()).toEqual(Object.keys(FAN_OUT).toSorted());
  expect(variantsOf('deliver-webhooks').toSorted()).toEqual(Object.keys(DELIVER).toSorted());
  expect(variantsOf('retry-webhooks')).toEqual(['scheduled']);
});
