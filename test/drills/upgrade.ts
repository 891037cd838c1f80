// A stage of 0.1.0 comes to this version with ten thousand rows, while files are uploaded.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  type AttributeValue,
  BatchWriteItemCommand,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { ownerKey } from '../../src/lib/aws/ledger-item.ts';
import { readWritten } from '../rows/read.ts';
import { createDrill } from './drill.ts';

const ROWS = 10_000;
const BATCH = 25;
const OWNER = { tenant: 'drills', subject: 'early' };

const PLAN = 'npm run migrate -- --stage prod --dry-run';
const MIGRATE = 'npm run migrate -- --stage prod';
const BACK = 'npm run migrate -- --stage prod --back';

export const upgrade = createDrill({
  name: 'upgrade',
  title: `a stage of 0.1.0 with ${ROWS.toLocaleString('en')} rows is upgraded, and could go back`,
  symptom: 'A stage of 0.1.0 is to be upgraded',
  commands: [PLAN, MIGRATE, BACK],
  wishes: { parameters: { ledgerMigration: '0' } },

  trouble: async ({ dynamo, stack, send, until }) => {
    const before = await send(OWNER, 20);
    await until(before, 'accepted');
    // As 0.1.0 wrote them, in every state; settled ones alone, since the sweep would end the others.
    const written = readWritten('0.1.0').filter(({ item }) => item.dueAt === undefined);
    const items = Array.from({ length: ROWS }, (_, n) => toRow(written[n % written.length]?.item ?? {}, n));
    for (let at = 0; at < ROWS; at += BATCH) {
      const requests = items.slice(at, at + BATCH).map((Item) => ({ PutRequest: { Item } }));
      await dynamo.send(new BatchWriteItemCommand({ RequestItems: { [stack.table]: requests } }));
    }
    // An accepted upload that this version looks at once more, and whose file 0.1.0 would remove.
    const [due = ''] = before;
    const { Item } = await dynamo.send(
      new GetItemCommand({ TableName: stack.table, Key: { id: { S: due } } }),
    );
    const later = { dueAt: { N: String(Date.now() + 3_600_000) }, dueShard: { S: '3' } };
    await dynamo.send(new PutItemCommand({ TableName: stack.table, Item: { ...Item, ...later } }));
    return { before, due, sample: items.slice(0, 100).map(({ id }) => id?.S ?? '') };
  },

  cure: async (scene, { sample }) => {
    assert.match((await scene.run(PLAN)).out, /7 steps. Nothing was changed/);
    let isOver = false;
    let uploaded = 0;
    const traffic = async () => {
      while (!isOver) {
        await scene.until(await scene.send(OWNER, 2), 'accepted');
        assert.equal((await scene.read(sample)).length, sample.length);
        uploaded += 2;
      }
    };
    const running = traffic();
    running.catch(() => undefined);
    assert.match((await scene.run(MIGRATE)).out, /Done: step 7/);
    assert.match((await scene.run(BACK)).out, /1 accepted uploads are due/);
    isOver = true;
    await running;
    scene.say(`${uploaded} files were uploaded meanwhile, and none failed`);
  },

  proof: async ({ dynamo, stack, send, until }, { before, due }) => {
    await until(await send(OWNER, 20), 'accepted');
    await until(before, 'accepted', 0);
    const { Item } = await dynamo.send(
      new GetItemCommand({ TableName: stack.table, Key: { id: { S: due } } }),
    );
    assert.equal(Item?.dueAt, undefined, 'the sweep of 0.1.0 does not come upon it');
  },
});

function toRow(item: Readonly<Record<string, AttributeValue>>, n: number): Record<string, AttributeValue> {
  const [id, tenant, subject] = [randomUUID(), `tenant-${n % 50}`, `user-${n % 500}`];
  const createdAt = 1_700_000_000_000 + n;
  return {
    ...item,
    id: { S: id },
    tenant: { S: tenant },
    subject: { S: subject },
    key: { S: `${tenant}/${id}` },
    ownerKey: { S: ownerKey(tenant, subject) },
    createdAt: { N: String(createdAt) },
    createdAtId: { S: `${String(createdAt).padStart(15, '0')}#${id}` },
    // Years from now: the local DynamoDB forgets rows, too.
    ...(item.forgetAt && { forgetAt: { N: '4000000000' } }),
  };
}
