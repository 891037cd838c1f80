import { randomUUID } from 'node:crypto';
import {
  type AttributeValue,
  BatchGetItemCommand,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, test } from 'vitest';
import { createLedger } from '../../../src/lib/aws/ledger.ts';
import { DUE_SHARDS, toItem } from '../../../src/lib/aws/ledger-item.ts';
import { requestUpload } from '../../../src/lib/upload/request.ts';
import { policies } from '../../../src/policies.ts';
import { aRequest } from '../../contract/ledger.contract.ts';

const PAGE_ROWS = 100;

/** Every row is due by now. */
const NOW = 16 * 60_000;

/** A table whose by-due index holds so many rows of each shard. */
function setup(rows: Readonly<Record<string, number>>) {
  const items = Object.entries(rows).flatMap(([shard, count]) =>
    Array.from({ length: count }, (_, at) => toItem(aRequest({ dueAt: at }), shard)),
  );
  const dynamo = mockClient(DynamoDBClient);
  dynamo.on(QueryCommand).callsFake(({ ExpressionAttributeValues, ExclusiveStartKey, Limit }) => {
    const shard = ExpressionAttributeValues[':shard'].S;
    const all = items.filter((item) => item.dueShard?.S === shard);
    const from = ExclusiveStartKey ? Number(ExclusiveStartKey.at.N) : 0;
    const at = from + Limit;
    return {
      Items: all.slice(from, at),
      ...(at < all.length && { LastEvaluatedKey: { at: { N: String(at) } } }),
    };
  });
  // In no order, as DynamoDB answers.
  dynamo.on(BatchGetItemCommand).callsFake(({ RequestItems }) => ({
    Responses: {
      table: items.filter(({ id }) =>
        RequestItems.table.Keys.some((key: { id: AttributeValue }) => key.id.S === id?.S),
      ),
    },
  }));
  const recorded: Record<string, AttributeValue>[] = [];
  dynamo.on(PutItemCommand).callsFake(({ Item }) => {
    recorded.push(Item);
    return {};
  });
  const ledger = createLedger(dynamo as unknown as DynamoDBClient, 'table', 'grants');
  return { dynamo, ledger, items, recorded };
}

function shardsOf(recorded: readonly Record<string, AttributeValue>[]) {
  const counts = new Map<string, number>();
  for (const { dueShard } of recorded)
    counts.set(dueShard?.S ?? '', (counts.get(dueShard?.S ?? '') ?? 0) + 1);
  return counts;
}

describe('what is due', () => {
  test('is given out shard by shard, whole and each row once, in pages of a hundred, the oldest first', async () => {
    const { ledger, items, dynamo } = setup({ '0': 3 * PAGE_ROWS + 1, '7': PAGE_ROWS, f: 2 });
    const pages: number[] = [];
    const ids: string[] = [];
    for (const shard of ledger.dueShards) {
      for await (const { uploads: page } of ledger.due(shard, NOW)) {
        pages.push(page.length);
        ids.push(...page.map(({ id }) => id));
      }
    }
    expect(pages).toEqual([PAGE_ROWS, PAGE_ROWS, PAGE_ROWS, 1, PAGE_ROWS, 2]);
    expect(ids).toEqual(items.map((item) => item.id?.S));
    // A page is one call of the index, and one of the table.
    expect(dynamo.commandCalls(BatchGetItemCommand)).toHaveLength(6);
  });

  test('is asked for in every shard that a row may have', () => {
    expect(setup({}).ledger.dueShards).toEqual(DUE_SHARDS);
  });
});

describe('the shard of a row', () => {
  test('does not follow from its id, so that no choice of Idempotency-Key aims at one', async () => {
    const { ledger, recorded } = setup({});
    const { id } = aRequest();
    for (let row = 0; row < 800; row += 1) await ledger.record(aRequest({ id }));
    const counts = shardsOf(recorded);
    expect(counts.size).toBe(DUE_SHARDS.length);
    // 50 of each are expected; the chance of fewer than 15 anywhere is below one in a million.
    expect(Math.min(...counts.values())).toBeGreaterThan(15);
  });

  test('is spread alike over keys that were picked for the first digit of their id', async () => {
    const { ledger, recorded } = setup({});
    const deps = {
      ledger,
      policies,
      sign: async () => ({ signature: { post: { url: '', fields: {} } }, expiresAt: new Date(0) }),
      multipart: async () => {
        throw new Error('not in parts');
      },
      now: () => 0,
      newId: randomUUID,
      expiryGraceInSeconds: 0,
    };
    const intent = { filename: 'a.csv', contentType: 'text/csv', size: 3, metadata: {} };
    const caller = { tenant: 'acme', subject: 'eve' };
    for (let key = 0; recorded.filter(({ id }) => id?.S?.startsWith('0')).length < 200; key += 1) {
      await requestUpload(deps, caller, intent, { correlationId: 'r', idempotencyKey: `k${key}` });
    }
    const aimed = shardsOf(recorded.filter(({ id }) => id?.S?.startsWith('0')));
    expect(aimed.size).toBe(DUE_SHARDS.length);
    expect(Math.max(...aimed.values())).toBeLessThan(40);
  });
});
