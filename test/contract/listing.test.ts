// A rare state, and a rare reader, among five thousand uploads of one owner.
import { randomUUID } from 'node:crypto';
import { BatchWriteItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Upload } from '@sluice/contract/upload';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { createLedger } from '../../src/lib/aws/ledger.ts';
import { drawShard, toItem } from '../../src/lib/aws/ledger-item.ts';
import type { ListQuery } from '../../src/lib/upload/ports.ts';
import { aRequest } from './ledger.contract.ts';
import { rootOf } from './root.ts';

const UPLOADS = 5_000;
const RARE = [17, 2_400, 4_999];
const OWNER = { tenant: `t-${randomUUID()}`, subject: 'ada' };

const { table, grantsTable } = inject('aws');
const dynamo = new DynamoDBClient(rootOf(inject('aws')));
const ledger = createLedger(dynamo, table, grantsTable);

beforeAll(async () => {
  const evidence = { etag: 'e', size: 3 };
  const rows = Array.from({ length: UPLOADS }, (_, at) => {
    const changes: Partial<Upload> = RARE.includes(at)
      ? { state: 'rejected', reason: 'size_mismatch', readers: 'tenant' }
      : { state: 'accepted' };
    return toItem(aRequest({ ...OWNER, createdAt: 1_000 + at, evidence, ...changes }), drawShard());
  });
  for (let at = 0; at < rows.length; at += 25) {
    await dynamo.send(
      new BatchWriteItemCommand({
        RequestItems: { [table]: rows.slice(at, at + 25).map((Item) => ({ PutRequest: { Item } })) },
      }),
    );
  }
});

async function setup(query: Omit<ListQuery, 'tenant' | 'limit'>) {
  const found: number[] = [];
  let pages = 0;
  let cursor: string | undefined;
  do {
    const page = await ledger.list({
      tenant: OWNER.tenant,
      limit: 20,
      ...query,
      ...(cursor !== undefined && { cursor }),
    });
    found.push(...page.uploads.map(({ createdAt }) => createdAt - 1_000));
    pages += 1;
    cursor = page.cursor;
  } while (cursor !== undefined);
  return { found, pages };
}

describe('of five thousand uploads', () => {
  test.each([
    ['a rare state of an owner', { subject: OWNER.subject, state: 'rejected' }],
    ['a rare state of a tenant', { state: 'rejected' }],
    ['what a few rows alone have', { isWanted: ({ readers }: { readers?: string }) => readers === 'tenant' }],
  ] as const)(
    '%s is found within two pages, and the end of the list with the third',
    async (_what, query) => {
      const { found, pages } = await setup(query);
      expect(found).toEqual(RARE.toReversed());
      expect(pages).toBeLessThanOrEqual(3);
    },
  );
});
