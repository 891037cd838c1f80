import {
  type AttributeValue,
  BatchGetItemCommand,
  DynamoDBClient,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, test } from 'vitest';
import { INDEXES, INDEXES_OF_0_1_0, toIndexes } from '../../../src/lib/aws/ledger-indexes.ts';
import { toItem } from '../../../src/lib/aws/ledger-item.ts';
import { createLedgerReader } from '../../../src/lib/aws/ledger-reader.ts';
import { aRequest } from '../../contract/ledger.contract.ts';

type Item = Record<string, AttributeValue>;

/** A table that answers for so many keys at a time, with so many rows of Ada's, oldest first. */
function setup({
  rows = [] as Item[],
  answersAtMost = 100,
  indexes = INDEXES as typeof INDEXES | typeof INDEXES_OF_0_1_0,
} = {}) {
  const dynamo = mockClient(DynamoDBClient);
  const byId = new Map(rows.map((row) => [row.id?.S, row]));
  const newestFirst = rows.toReversed();
  dynamo.on(QueryCommand).callsFake(({ ExclusiveStartKey, Limit }: QueryCommandInput) => {
    const start = ExclusiveStartKey?.id?.S;
    const from = start === undefined ? 0 : newestFirst.findIndex(({ id }) => id?.S === start) + 1;
    const to = from + (Limit ?? 1_000);
    const page = newestFirst.slice(from, to);
    return {
      Items: page.map(({ id, createdAtId }) => ({ id, createdAtId })),
      ...(to < rows.length && { LastEvaluatedKey: page.at(-1) }),
    };
  });
  dynamo.on(BatchGetItemCommand).callsFake(({ RequestItems }) => {
    const keys = RequestItems.table.Keys as readonly { id: AttributeValue }[];
    const [now, later] = [keys.slice(0, answersAtMost), keys.slice(answersAtMost)];
    return {
      Responses: { table: now.map(({ id }) => byId.get(id.S)).filter((row) => row !== undefined) },
      UnprocessedKeys: later.length === 0 ? {} : { table: { Keys: later } },
    };
  });
  const pauses: number[] = [];
  const reader = createLedgerReader(
    dynamo as unknown as DynamoDBClient,
    'table',
    indexes,
    async (ms) => void pauses.push(ms),
  );
  return { dynamo, reader, pauses };
}

function rowsOf(count: number, changes: (at: number) => Parameters<typeof aRequest>[0] = () => ({})): Item[] {
  return Array.from({ length: count }, (_, at) => toItem(aRequest({ createdAt: at, ...changes(at) }), '0'));
}

const ADA = { tenant: 'acme', subject: 'ada' };

describe('many rows', () => {
  test('are asked for again, after growing pauses, where DynamoDB gave keys back', async () => {
    const rows = rowsOf(10);
    const { reader, pauses } = setup({ rows, answersAtMost: 3 });
    const { uploads, missing } = await reader.readMany(rows.map(({ id }) => id?.S ?? ''));
    expect(uploads.map(({ createdAt }) => createdAt)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(missing).toEqual([]);
    expect(pauses).toEqual([50, 100, 200]);
  });

  test('are a fault, and not missing, where DynamoDB goes on giving keys back', async () => {
    const rows = rowsOf(2);
    const { reader, pauses, dynamo } = setup({ rows, answersAtMost: 0 });
    await expect(reader.readMany(rows.map(({ id }) => id?.S ?? ''))).rejects.toThrow('2 of 2 rows');
    expect(pauses.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(3_000);
    expect(dynamo.commandCalls(BatchGetItemCommand)).toHaveLength(7);
  });

  test('are read as they are now, a hundred in a call', async () => {
    const rows = rowsOf(250);
    const { reader, dynamo } = setup({ rows });
    await reader.readMany(rows.map(({ id }) => id?.S ?? ''));
    const calls = dynamo
      .commandCalls(BatchGetItemCommand)
      .map(({ args }) => args[0].input.RequestItems?.table);
    expect(calls.map((call) => call?.Keys?.length)).toEqual([100, 100, 50]);
    expect(calls.every((call) => call?.ConsistentRead)).toBe(true);
  });
});

describe('a list with a filter', () => {
  test('looks at two and a half thousand keys in one call, and goes on from there', async () => {
    const rows = rowsOf(5_200, (at) => ({ state: at % 5_000 === 0 ? 'aborted' : 'requested' }));
    const { reader, dynamo } = setup({ rows });
    const query = { ...ADA, state: 'aborted', limit: 5 } as const;
    const pages: number[] = [];
    let cursor: string | undefined;
    do {
      dynamo.resetHistory();
      const page = await reader.list({ ...query, ...(cursor !== undefined && { cursor }) });
      pages.push(page.uploads.length);
      expect(dynamo.commandCalls(QueryCommand).length).toBeLessThanOrEqual(4);
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect(pages).toEqual([1, 0, 1]);
  });

  test('sifts all but the first hundred rows by a few attributes, for half the price', async () => {
    const rows = rowsOf(1_000, (at) => ({ state: at === 0 ? 'aborted' : 'requested' }));
    const { reader, dynamo } = setup({ rows });
    const { uploads } = await reader.list({ ...ADA, state: 'aborted', limit: 5 });
    expect(uploads).toMatchObject([{ createdAt: 0, filename: 'photo.jpg' }]);
    const calls = dynamo
      .commandCalls(BatchGetItemCommand)
      .map(({ args }) => args[0].input.RequestItems?.table);
    const whole = calls.filter((call) => call?.ConsistentRead);
    expect(whole.map((call) => call?.Keys?.length)).toEqual([100, 1]);
    const sifted = calls.filter((call) => !call?.ConsistentRead);
    expect(sifted.map((call) => call?.Keys?.length)).toEqual([100, 100, 100, 100, 100, 100, 100, 100, 100]);
    expect(sifted.every((call) => call?.ProjectionExpression !== undefined)).toBe(true);
  });

  test('shows what is sifted as it is by then, and not what has changed since', async () => {
    const rows = rowsOf(300, (at) => ({ state: at < 9 ? 'aborted' : 'requested' }));
    const { reader, dynamo } = setup({ rows });
    dynamo.on(BatchGetItemCommand).callsFake(({ RequestItems }) => {
      const { Keys, ConsistentRead } = RequestItems.table;
      const ids = Keys.map(({ id }: Item) => id?.S);
      const now = rows.filter(({ id }) => ids.includes(id?.S));
      // The sieve still sees as aborted what was never that by the row.
      return {
        Responses: { table: ConsistentRead ? now : now.map((row) => ({ ...row, state: { S: 'aborted' } })) },
      };
    });
    const { uploads } = await reader.list({ ...ADA, state: 'aborted', limit: 250 });
    expect(uploads.map(({ createdAt }) => createdAt)).toEqual([8, 7, 6, 5, 4, 3, 2, 1, 0]);
  });

  test('loses none where the sieve finds more than the page takes', async () => {
    const rows = rowsOf(600, (at) => ({ state: at < 400 && at % 3 === 0 ? 'aborted' : 'requested' }));
    const { reader } = setup({ rows });
    const listed: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await reader.list({
        ...ADA,
        state: 'aborted',
        limit: 7,
        ...(cursor !== undefined && { cursor }),
      });
      expect(page.uploads.length).toBeLessThanOrEqual(7);
      listed.push(...page.uploads.map(({ createdAt }) => createdAt));
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect(listed).toEqual(Array.from({ length: 134 }, (_, at) => 399 - 3 * at));
  });

  test('takes what its caller wants, by the attributes that lists are filtered by', async () => {
    const rows = rowsOf(400, (at) => (at < 2 ? { readers: 'tenant' } : {}));
    const { reader } = setup({ rows });
    const { uploads } = await reader.list({
      tenant: 'acme',
      isWanted: ({ readers, policy }) => readers === 'tenant' && policy === 'images',
      limit: 5,
    });
    expect(uploads.map(({ createdAt }) => createdAt)).toEqual([1, 0]);
  });

  test('goes on after the last row of a full page, not after the last key it has looked at', async () => {
    const rows = rowsOf(20, (at) => ({ state: at % 2 ? 'aborted' : 'requested' }));
    const { reader } = setup({ rows });
    const query = { ...ADA, state: 'aborted', limit: 3 } as const;
    const first = await reader.list(query);
    const second = await reader.list({ ...query, cursor: first.cursor ?? '' });
    expect([first, second].map(({ uploads }) => uploads.map(({ createdAt }) => createdAt))).toEqual([
      [19, 17, 15],
      [13, 11, 9],
    ]);
  });

  test('leaves out a row that an index still holds and the table no longer', async () => {
    const rows = rowsOf(3);
    const { reader, dynamo } = setup({ rows });
    dynamo.on(BatchGetItemCommand).resolves({ Responses: { table: rows.slice(0, 2) } });
    expect((await reader.list({ ...ADA, limit: 5 })).uploads).toHaveLength(2);
  });
});

describe('the sweep', () => {
  test('leaves alone what the index has not heard of yet: that it was settled, or is due later', async () => {
    const rows = [{ dueAt: 5 }, { dueAt: 900 }].map((changes) => toItem(aRequest(changes), '0'));
    const { dueAt: _over, ...settled } = toItem(aRequest({ state: 'accepted' }), '0');
    const { reader } = setup({ rows: [...rows, settled] });
    const found: (number | undefined)[] = [];
    for await (const { uploads } of reader.due('0', 100)) found.push(...uploads.map(({ dueAt }) => dueAt));
    expect(new Set(found)).toEqual(new Set([5]));
  });
});

describe('the indexes', () => {
  test.each([
    [{ ...ADA, limit: 1 }, 'by-owner-keys'],
    [{ tenant: 'acme', limit: 1 }, 'by-tenant'],
    [{ tenant: 'acme', reference: 'r', limit: 1 }, 'by-reference'],
    [{ ...ADA, reference: 'r', limit: 1 }, 'by-reference'],
  ])('for a list of %o is %s', async (query, name) => {
    const { reader, dynamo } = setup();
    await reader.list(query);
    expect(dynamo.commandCalls(QueryCommand)[0]?.args[0].input.IndexName).toBe(name);
  });

  test.each([
    [{ ...ADA, limit: 1 }, 'by-owner'],
    [{ ...ADA, reference: 'r', limit: 1 }, 'by-owner'],
  ])('of a table that is not migrated yet is, for %o, %s', async (query, name) => {
    const { reader, dynamo } = setup({ indexes: INDEXES_OF_0_1_0 });
    await reader.list(query);
    expect(dynamo.commandCalls(QueryCommand)[0]?.args[0].input.IndexName).toBe(name);
  });

  test('of a table that is not migrated yet have no list of a tenant', async () => {
    const { reader } = setup({ indexes: INDEXES_OF_0_1_0 });
    await expect(reader.list({ tenant: 'acme', limit: 1 })).rejects.toThrow('before the table is migrated');
  });

  test('are chosen by a variable, which is refused if it says anything else', () => {
    expect(toIndexes(undefined)).toBe(INDEXES);
    expect(toIndexes('0.1.0')).toBe(INDEXES_OF_0_1_0);
    expect(() => toIndexes('old')).toThrow('LEDGER_INDEXES');
  });
});
