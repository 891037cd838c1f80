// Dead letters of several causes in one queue: what may be verified now, what a rollback made unreadable, and
// what nobody can ever work on.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { GetQueueAttributesCommand, ListQueuesCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { forEach } from '@sluice/connection/transfers/workers';
import { countsOf } from './command.ts';
import { createDrill } from './drill.ts';
import type { Scene } from './scene.ts';
import { toNotification, unnotified } from './unnotified.ts';

const WAITING = 120;
const GIVEN_UP = 20;
const UNREADABLE = 10;
const POISON = 60;
const NEIGHBOURS = 20;
const AT_ONCE = 10;
const NEWER_SCHEMA = 99;

const LOOK = 'npx sluice admin redrive arrivals --stage prod --dry-run';
const REDRIVE = 'npx sluice admin redrive arrivals --stage prod';

export const deadLetters = createDrill({
  name: 'dead-letters',
  title: `${WAITING + GIVEN_UP + UNREADABLE} dead letters of uploads, and ${POISON} that are poison`,
  symptom: 'ArrivalsDeadLetterAlarm',
  commands: [LOOK, REDRIVE],

  trouble: async (scene) => {
    const { send, until, service, ledger, sqs, stack } = scene;
    const before = await send({ tenant: 'drills', subject: 'before' }, NEIGHBOURS);
    await until(before, 'accepted');
    const owner = { tenant: 'drills', subject: 'dead' };
    const [waiting, unreadable, givenUp] = await unnotified(scene, async () => [
      await send(owner, WAITING),
      await send(owner, UNREADABLE),
      await send(owner, GIVEN_UP),
    ]);
    const { uploads } = await ledger.readMany([...waiting, ...unreadable, ...givenUp]);
    await forEach(givenUp, AT_ONCE, undefined, (id) => service.delete(id));
    await setSchema(scene, unreadable, NEWER_SCHEMA);
    const bodies = [
      ...uploads.map(({ key }) => toNotification(stack.buckets.incoming, key)),
      ...Array.from({ length: POISON }, (_, n) => toPoison(n)),
    ];
    await forEach(bodies, AT_ONCE, undefined, async (MessageBody) => {
      await sqs.send(new SendMessageCommand({ QueueUrl: stack.queues.arrivalsDeadLetter, MessageBody }));
    });
    return { before, waiting, unreadable, givenUp, wasAside: await countOf(scene, await findAside(scene)) };
  },

  cure: async (scene, { unreadable }) => {
    const { run } = scene;
    const sum = { sent: WAITING + GIVEN_UP, 'set aside': POISON, left: UNREADABLE };
    assert.deepEqual(countsOf(await run(LOOK)), sum);
    assert.deepEqual(countsOf(await run(REDRIVE)), sum);
    // The version that wrote them is deployed again.
    await setSchema(scene, unreadable, 1);
    assert.deepEqual(countsOf(await run(REDRIVE)), { sent: UNREADABLE });
  },

  proof: async (scene, { before, waiting, unreadable, givenUp, wasAside }) => {
    const { send, until, stack } = scene;
    const during = await send({ tenant: 'drills', subject: 'during' }, NEIGHBOURS);
    await until([...waiting, ...unreadable, ...during], 'accepted');
    await until(before, 'accepted', 0);
    await until(givenUp, 'aborted', 0);
    assert.equal(await countOf(scene, stack.queues.arrivalsDeadLetter), 0);
    assert.equal((await countOf(scene, await findAside(scene))) - wasAside, POISON);
  },
});

function toPoison(n: number): string {
  const kinds = [
    '{"hello":',
    JSON.stringify({ Records: [{ eventSource: 'aws:sns' }] }),
    toNotification('somebody-elses', `photos/${randomUUID()}`),
  ];
  return kinds[n % kinds.length] ?? '';
}

/** Makes rows those of another version. */
async function setSchema({ dynamo, stack }: Scene, ids: readonly string[], schema: number): Promise<void> {
  await forEach(ids, AT_ONCE, undefined, async (id) => {
    await dynamo.send(
      new UpdateItemCommand({
        TableName: stack.table,
        Key: { id: { S: id } },
        UpdateExpression: 'SET #schema = :schema',
        ExpressionAttributeNames: { '#schema': 'schema' },
        ExpressionAttributeValues: { ':schema': { N: String(schema) } },
      }),
    );
  });
}

async function countOf({ sqs }: Scene, QueueUrl: string): Promise<number> {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl,
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
  );
  return Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0);
}

/** The queue for what is set aside. */
async function findAside({ sqs, stack }: Scene): Promise<string> {
  const QueueNamePrefix = `${stack.stackName}-SetAsideQueue`;
  const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({ QueueNamePrefix }));
  const [url] = QueueUrls;
  assert.ok(url);
  return url;
}
