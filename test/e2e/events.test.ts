import {
  DescribeReplayCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
  StartReplayCommand,
} from '@aws-sdk/client-eventbridge';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { countMessages, moveMessages } from '@sluice/connection/move-messages';
import type { UploadEvent } from '@sluice/contract/event';
import { beforeAll, expect, inject, test } from 'vitest';
import { rootOf } from '../contract/root.ts';
import { apiOf, put } from './api.ts';
import { serviceToken } from './service.ts';

const CSV = Buffer.from('name,size\nphoto,3\n');
const ARCHIVE = 'arn:aws:events:us-east-1:000000000000:archive/sluice-local-events';

const stack = inject('stack');
const root = rootOf(stack);
const [eventBridge, sqs] = [new EventBridgeClient(root), new SQSClient(root)];
const alice = apiOf(stack.alice);
const begun = new Date();
let QueueUrl: string | undefined;

/** As docs/events.md says: a rule from the bus to a queue of the app's. */
beforeAll(async () => {
  ({ QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'app' })));
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
  );
  const rule = { Name: 'app', EventBusName: stack.stackName };
  await eventBridge.send(
    new PutRuleCommand({ ...rule, EventPattern: JSON.stringify({ source: ['sluice'] }) }),
  );
  const Targets = [{ Id: '1', Arn: Attributes?.QueueArn }];
  await eventBridge.send(
    new PutTargetsCommand({ Rule: rule.Name, EventBusName: rule.EventBusName, Targets }),
  );
});

type Envelope = {
  readonly source: string;
  readonly 'detail-type': string;
  readonly 'replay-name'?: string;
  readonly detail: UploadEvent;
};

/** What the app's queue brings until it has brought so many events of an upload. */
async function receive(uploadId: string, count: number): Promise<Envelope[]> {
  const found: Envelope[] = [];
  const until = Date.now() + 60_000;
  while (found.length < count) {
    if (Date.now() > until) throw new Error(`only ${found.length} of ${count} events of ${uploadId} came`);
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 2, MaxNumberOfMessages: 10 }),
    );
    for (const { Body = '{}', ReceiptHandle } of Messages) {
      const envelope: Envelope = JSON.parse(Body);
      if (envelope.detail.subject === uploadId) found.push(envelope);
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
  }
  return found;
}

/** Neither a bus nor a queue keeps an order, nor does a publisher that has to try again. */
function byId(a: UploadEvent, b: UploadEvent): number {
  return a.id < b.id ? -1 : 1;
}

type FeedPage = { readonly events: readonly UploadEvent[]; readonly cursor: string; readonly more: boolean };

/** The events of an upload in the feed, once there are so many. */
async function readFeed(token: string, uploadId: string, count: number, query = ''): Promise<UploadEvent[]> {
  const found: UploadEvent[] = [];
  let from = `since=${begun.toISOString()}`;
  const until = Date.now() + 60_000;
  while (found.length < count) {
    if (Date.now() > until)
      throw new Error(`only ${found.length} of ${count} events of ${uploadId} are there`);
    const answer = await apiOf({ idToken: token }).call('GET', `/events?${from}&limit=2${query}`);
    expect(answer.status).toBe(200);
    const { events, cursor, more } = (await answer.json()) as FeedPage;
    found.push(...events.filter(({ subject }) => subject === uploadId));
    from = `after=${cursor}`;
    if (!more) await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  return found;
}

test('a file that is accepted and deleted is two events on the bus, and the same two in the feed', async () => {
  const requested = await alice.request(
    { contentType: 'text/csv', filename: 'größen.csv', metadata: { album: 'spring' } },
    CSV.length,
  );
  await put(requested, CSV);
  expect((await alice.settled(requested.id)).state).toBe('accepted');
  expect((await alice.call('DELETE', `/uploads/${requested.id}`)).status).toBe(204);

  const onBus = (await receive(requested.id, 2)).toSorted((a, b) => byId(a.detail, b.detail));
  expect(onBus.map(({ detail: { id } }) => id)).toEqual([
    `${requested.id}.accepted`,
    `${requested.id}.deleted`,
  ]);
  expect(onBus[0]).toMatchObject({
    source: 'sluice',
    'detail-type': 'upload.accepted',
    detail: {
      source: 'urn:sluice:local',
      data: {
        state: 'accepted',
        filename: 'größen.csv',
        contentType: 'text/csv; charset=utf-8',
        size: CSV.length,
        metadata: { album: 'spring' },
        readers: 'owner',
      },
    },
  });
  const inFeed = await readFeed(await serviceToken('events', 'tenants'), requested.id, 2);
  expect(inFeed.toSorted(byId)).toEqual(onBus.map(({ detail }) => detail));
});

test('a file that is rejected is an event that says why, and a replay from the archive brings it again', async () => {
  const requested = await alice.request({ contentType: 'text/csv', filename: 'no.csv' }, 8);
  await put(requested, Buffer.from('%PDF-1.7'));
  expect((await alice.settled(requested.id)).state).toBe('rejected');
  const [first] = await receive(requested.id, 1);
  expect(first?.detail).toMatchObject({
    id: `${requested.id}.rejected`,
    data: { reason: expect.any(String) },
  });

  const replay = { ReplayName: `e2e-${Date.now()}` };
  await eventBridge.send(
    new StartReplayCommand({
      ...replay,
      EventSourceArn: ARCHIVE,
      EventStartTime: begun,
      EventEndTime: new Date(Date.now() + 60_000),
      Destination: { Arn: ARCHIVE.replace(/archive\/(.*)-events$/, 'event-bus/$1') },
    }),
  );
  const [again] = await receive(requested.id, 1);
  expect(again).toMatchObject({ detail: first?.detail, 'replay-name': replay.ReplayName });
  expect(await eventBridge.send(new DescribeReplayCommand(replay))).toMatchObject({ State: 'COMPLETED' });
});

test('a change that waits in the dead-letter queue is sent again, with the id that it has', async () => {
  const requested = await alice.request({ contentType: 'text/csv', filename: 'dead.csv' }, CSV.length);
  await put(requested, CSV);
  await alice.settled(requested.id);
  const [first] = await receive(requested.id, 1);
  const [from, to] = [`${stack.stackName}-event-dead-letters`, `${stack.stackName}-event-retries`];
  const { QueueUrl: dead } = await sqs.send(new GetQueueUrlCommand({ QueueName: from }));
  // As one that was too large came there: its row is read again.
  const record = {
    eventName: 'MODIFY',
    dynamodb: { Keys: { id: { S: requested.id } }, SequenceNumber: '1' },
  };
  const MessageBody = JSON.stringify({ why: 'oversized', record });
  await sqs.send(new SendMessageCommand({ QueueUrl: dead, MessageBody }));
  expect(await moveMessages({ client: sqs, from, to })).toBe(1);
  const [again] = await receive(requested.id, 1);
  expect(again?.detail).toEqual(first?.detail);
  expect(await countMessages(sqs, from)).toBe(0);
});

test('the feed is for services with the scope, and not for users', async () => {
  const asUser = await alice.call('GET', '/events');
  expect(await alice.problem(asUser)).toMatchObject({ status: 403, code: 'caller_kind_refused' });
  const other = apiOf({ idToken: await serviceToken('uploads.read', 'tenants') });
  expect(await other.problem(await other.call('GET', '/events'))).toMatchObject({ code: 'scope_missing' });
  const service = apiOf({ idToken: await serviceToken('events', 'tenants') });
  const wrong = await service.problem(await service.call('GET', '/events?type=upload.eaten'));
  expect(wrong).toMatchObject({ status: 400, code: 'event_type_unknown', field: 'type' });
});

test('an event in the feed can be had by type', async () => {
  const requested = await alice.request({ contentType: 'text/csv', filename: 'one.csv' }, CSV.length);
  await put(requested, CSV);
  await alice.settled(requested.id);
  const token = await serviceToken('events', 'tenants');
  const [event] = await readFeed(token, requested.id, 1, '&type=upload.accepted');
  expect(event?.type).toBe('upload.accepted');
});
