import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { expect, inject, test } from 'vitest';
import { createCountIn } from '../../src/lib/aws/count-in.ts';
import { createCounterTable } from '../../src/lib/aws/counter-table.ts';
import { createGrantTable } from '../../src/lib/aws/grant-table.ts';
import { createLedger } from '../../src/lib/aws/ledger.ts';
import { createRequestCounter } from '../../src/lib/aws/request-rate.ts';
import { toCounterId } from '../../src/lib/quota/count.ts';
import { countersContract } from './counters.contract.ts';
import { aRequest } from './ledger.contract.ts';
import { rootOf } from './root.ts';

const { table, grantsTable } = inject('aws');
const dynamo = new DynamoDBClient(rootOf(inject('aws')));

function setup() {
  return {
    ledger: createLedger(dynamo, table, grantsTable),
    grants: createGrantTable(dynamo, grantsTable),
    counters: createCounterTable(dynamo, grantsTable),
    countIn: createCountIn(dynamo, { ledger: table, grants: grantsTable }),
    countRequest: createRequestCounter(dynamo, grantsTable),
  };
}

countersContract('the tables in DynamoDB', async () => setup());

test('a file that was accepted before its owner was counted is counted once, however often that is asked', async () => {
  const { ledger, counters, countIn } = setup();
  const row = aRequest({ tenant: `t-${randomUUID()}`, state: 'accepted', evidence: { etag: 'e', size: 31 } });
  await ledger.record(row);
  const ids = [toCounterId('owner', row), toCounterId('tenant', row)];
  expect(await countIn(row, ['owner'])).toBe(true);
  expect(await countIn(row, ['owner'])).toBe(false);
  const counted = await ledger.read(row.id);
  expect(counted?.counters).toEqual(['owner']);
  if (counted) expect(await countIn(counted, ['tenant'])).toBe(true);
  for (const id of ids) expect(await counters.read(id)).toMatchObject({ files: 1, bytes: 31 });
  const stands = await ledger.read(row.id);
  if (stands) await ledger.move(stands, 'deleted', {});
  for (const id of ids) expect(await counters.read(id)).toMatchObject({ files: 0, bytes: 0 });
});

test('requests are counted up to their limit, in each minute by itself', async () => {
  const { countRequest } = setup();
  const minute = { id: `minute#${randomUUID()}#1`, endsAt: Date.now() + 1_000 };
  expect(await countRequest(minute, 2)).toBe(true);
  expect(await countRequest(minute, 2)).toBe(true);
  expect(await countRequest(minute, 2)).toBe(false);
  expect(await countRequest({ ...minute, id: `${minute.id}0` }, 2)).toBe(true);
});
