import { DynamoDBClient, GetItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { expect, inject, test } from 'vitest';
import { rootOf } from '../contract/root.ts';
import { HONEST } from '../corpus/honest.ts';
import { apiOf, post, put } from './api.ts';

const CSV = Buffer.from('name,size\nphoto,3\n');
const PAGE = Buffer.from('<!doctype html><p>');

function setup() {
  const stack = inject('stack');
  const dynamo = new DynamoDBClient(rootOf(stack));
  const lambda = new LambdaClient(rootOf(stack));
  const alice = apiOf(stack.alice);
  const read = async (ids: readonly string[]) => {
    const rows = await Promise.all(
      ids.map((id) =>
        dynamo.send(
          new GetItemCommand({ TableName: stack.table, Key: { id: { S: id } }, ConsistentRead: true }),
        ),
      ),
    );
    return rows.flatMap(({ Item }) => (Item === undefined ? [] : [Item]));
  };
  return {
    alice,
    backUp: read,
    /** Puts rows in the place of those that are there, as a careless restore does. */
    restore: (rows: Awaited<ReturnType<typeof read>>) =>
      Promise.all(rows.map((Item) => dynamo.send(new PutItemCommand({ TableName: stack.table, Item })))),
    makeDue: (ids: readonly string[]) =>
      Promise.all(
        ids.map((id) =>
          dynamo.send(
            new UpdateItemCommand({
              TableName: stack.table,
              Key: { id: { S: id } },
              UpdateExpression: 'SET dueAt = :now',
              ExpressionAttributeValues: { ':now': { N: '0' } },
            }),
          ),
        ),
      ),
    sweep: async () => {
      const { FunctionError, Payload } = await lambda.send(
        new InvokeCommand({ FunctionName: `${stack.stackName}-expire-requests`, Payload: '{}' }),
      );
      if (FunctionError) throw new Error(Buffer.from(Payload ?? []).toString());
    },
  };
}

test('a table that is put back as it was before the verdicts ends, after one sweep, in the truth of the buckets', async () => {
  const { alice, backUp, restore, makeDue, sweep } = setup();
  const picture = HONEST.find(({ name }) => name === 'picture.jpg')?.bytes ?? Buffer.alloc(0);
  const byPut = await alice.request({ contentType: 'image/jpeg', filename: 'a.jpg' }, picture.length);
  const byForm = await alice.request(
    { contentType: 'text/csv', filename: 'b.csv', transport: 'post' },
    CSV.length,
  );
  const inParts = await alice.request(
    { contentType: 'text/csv', filename: 'c.csv', transport: 'multipart' },
    CSV.length,
  );
  const dishonest = await alice.request({ contentType: 'text/plain', filename: 'd.txt' }, PAGE.length);
  const never = await alice.request({ contentType: 'text/csv', filename: 'e.csv' }, CSV.length);
  const arriving = [byPut, byForm, inParts, dishonest].map(({ id }) => id);
  const rows = await backUp([...arriving, never.id]);
  expect(rows).toHaveLength(5);

  // Life goes on after the backup.
  await put(byPut, picture);
  await post(byForm, CSV);
  await put(dishonest, PAGE);
  const part = inParts.multipart?.parts[0]?.url ?? '';
  expect((await fetch(part, { method: 'PUT', body: new Uint8Array(CSV) })).status).toBe(200);
  expect((await alice.call('POST', `/uploads/${inParts.id}/complete`)).status).toBe(200);
  for (const id of arriving) {
    expect((await alice.settled(id)).state).toBe(id === dishonest.id ? 'rejected' : 'accepted');
  }

  await restore(rows);
  expect((await alice.read(byPut.id)).state).toBe('requested');
  await makeDue([...arriving, never.id]);
  await sweep();

  for (const [{ id }, bytes] of [
    [byPut, picture],
    [byForm, CSV],
    [inParts, CSV],
  ] as const) {
    expect((await alice.read(id)).state).toBe('accepted');
    const download = await alice.call('GET', `/uploads/${id}/download`);
    const file = await fetch(download.headers.get('location') ?? '');
    expect(Buffer.from(await file.arrayBuffer())).toEqual(Buffer.from(bytes));
  }
  expect(await alice.read(dishonest.id)).toMatchObject({ state: 'rejected', reason: 'active_content' });
  expect((await alice.read(never.id)).state).toBe('expired');
});

test('a row of a newer version keeps its object, and stops neither the list nor the sweep', async () => {
  const { alice, backUp, restore, makeDue, sweep } = setup();
  const requested = await alice.request({ contentType: 'text/csv', filename: 'a.csv' }, CSV.length);
  await put(requested, CSV);
  await alice.settled(requested.id);
  const other = await alice.request({ contentType: 'text/csv', filename: 'b.csv' }, CSV.length);
  const [row] = await backUp([requested.id]);
  if (row === undefined) throw new Error('the row is there');
  await restore([{ ...row, state: { S: 'scanning' }, schema: { N: '99' }, dueShard: { S: '0' } }]);
  await makeDue([requested.id, other.id]);
  await sweep();

  expect((await alice.read(other.id)).state).toBe('expired');
  const list = (await (await alice.call('GET', '/uploads?limit=100')).json()) as {
    readonly uploads: readonly { readonly id: string }[];
  };
  expect(list.uploads.map(({ id }) => id)).toContain(other.id);
  expect(list.uploads.map(({ id }) => id)).not.toContain(requested.id);

  // The newer version is deployed again.
  await restore([row]);
  const download = await alice.call('GET', `/uploads/${requested.id}/download`);
  expect((await fetch(download.headers.get('location') ?? '')).status).toBe(200);
});
