// What becomes of a reply that is lost after the write: the SDK tries again, and meets its own write.
import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, test } from 'vitest';
import { createWebhookDeliveries } from '../../../src/lib/aws/webhook-deliveries.ts';
import { type Item, toDeliveryItem } from '../../../src/lib/aws/webhook-item.ts';
import { type DeliveryChanges, newDelivery } from '../../../src/lib/webhook/delivery.ts';

const NOW = 1_795_166_100_000;
const KEY = { scope: '*', endpointId: 'e1', eventId: 'a0.accepted' };
const DELIVERY = newDelivery(KEY, { type: 'upload.accepted', body: '{}' }, NOW);

/** The store, before a table that says that the condition failed on this row. */
function setup(row: Item | undefined, { isSilent = false } = {}) {
  const dynamo = mockClient(DynamoDBClient);
  dynamo.on(UpdateItemCommand).rejects(
    new ConditionalCheckFailedException({
      message: 'The conditional request failed',
      $metadata: {},
      ...(row && !isSilent && { Item: row }),
    }),
  );
  dynamo.on(GetItemCommand).resolves(row ? { Item: row } : {});
  return createWebhookDeliveries(new DynamoDBClient({}), 'webhooks', () => '0');
}

function leasedBy(worker: string, endsAt: number): Item {
  return { ...toDeliveryItem(DELIVERY, '0'), worker: { S: worker }, leaseEndsAt: { N: String(endsAt) } };
}

describe.each([{ isSilent: false }, { isSilent: true }])('a reply that is lost, %j', (engine) => {
  test('to a claim leaves the lease with the worker that has it, and with no other', async () => {
    const claim = (worker: string, endsAt: number) =>
      setup(leasedBy('w1', NOW + 25_000), engine).claim(KEY, { worker, now: NOW, endsAt });
    expect(await claim('w1', NOW + 25_000)).toMatchObject(KEY);
    expect(await claim('w2', NOW + 25_000)).toBeUndefined();
    // The same worker's lease from before is over, or somebody's that has the same name.
    expect(await claim('w1', NOW + 26_000)).toBeUndefined();
  });

  test('to a record counts as recorded, if what stands there is what it wrote', async () => {
    const attempts = [{ at: NOW + 3, ms: 12, status: 204 }];
    const changes: DeliveryChanges = { state: 'delivered', attemptCount: 1, attempts };
    const written = toDeliveryItem({ ...DELIVERY, ...changes }, '0');
    expect(await setup(written, engine).record(DELIVERY, 'w1', changes)).toBe(true);
    const others = toDeliveryItem({ ...DELIVERY, ...changes, attempts: [{ at: NOW, ms: 9 }] }, '0');
    expect(await setup(others, engine).record(DELIVERY, 'w1', changes)).toBe(false);
    expect(await setup(undefined, engine).record(DELIVERY, 'w1', changes)).toBe(false);
  });
});

test('a row of a newer form is not worked on', async () => {
  const newer: Item = { ...leasedBy('w1', NOW + 25_000), schema: { N: '2' } };
  const claim = setup(newer).claim(KEY, { worker: 'w1', now: NOW, endsAt: NOW + 25_000 });
  await expect(claim).rejects.toThrow('a newer form');
});

test.each([
  '',
  'nonsense',
  Buffer.from(`${'0'.repeat(15)}#${'\u{1F600}'.repeat(127)}`).toString('base64url'),
])('a cursor that no listing made is refused before the table is asked: %s', async (cursor) => {
  const listed = setup(undefined).list({ scope: '*', id: 'e1' }, { limit: 1, cursor });
  await expect(listed).rejects.toMatchObject({ code: 'cursor_invalid' });
});
