import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, expect, test } from 'vitest';
import { createDeadLetters } from '../../../src/lib/aws/dead-letters.ts';

const sqs = mockClient(SQSClient);
afterEach(() => sqs.reset());

const MESSAGE = { id: 'm1', body: 'b', receipt: 'r1' };

function setup() {
  const queue = { deadLetters: 'dead', source: () => 'source' };
  const queues = { arrivals: queue, events: queue, webhooks: queue, scans: queue };
  return createDeadLetters(new SQSClient({ region: 'eu-central-1' }), queues, 'aside');
}

test('looks at all messages, or at the first hundred and says that there are more', async () => {
  const page = (n: number) => ({
    Messages: Array.from({ length: 10 }, (_, m) => ({
      MessageId: `${n}-${m}`,
      Body: m === 3 ? 'mine' : 'other',
    })),
  });
  sqs.on(ReceiveMessageCommand).resolvesOnce(page(1)).resolvesOnce(page(1)).resolves({});
  const isMine = (body: string) => body === 'mine';
  expect(await setup().peek('arrivals', isMine)).toEqual({
    found: [{ queue: 'arrivals', messageId: '1-3', body: 'mine' }],
    messages: 10,
    isAll: true,
  });
  let n = 0;
  sqs.on(ReceiveMessageCommand).callsFake(async () => {
    n += 1;
    return page(n);
  });
  expect(await setup().peek('arrivals', isMine)).toMatchObject({ messages: 100, isAll: false });
});

test('counts those that are hidden, too, and receives what nobody else gets for a minute', async () => {
  sqs.on(GetQueueAttributesCommand).resolves({
    Attributes: { ApproximateNumberOfMessages: '3', ApproximateNumberOfMessagesNotVisible: '2' },
  });
  sqs.on(ReceiveMessageCommand).resolves({ Messages: [{ MessageId: 'm1', Body: 'b', ReceiptHandle: 'r1' }] });
  expect(await setup().count('events')).toBe(5);
  expect(await setup().receive('events')).toEqual([MESSAGE]);
  expect(sqs.commandCalls(ReceiveMessageCommand)[0]?.args[0].input).toMatchObject({ VisibilityTimeout: 60 });
});

test('lets others have at once what it was only looking at', async () => {
  sqs.on(ChangeMessageVisibilityCommand).resolves({});
  await setup().release('scans', MESSAGE);
  expect(sqs.commandCalls(ChangeMessageVisibilityCommand)[0]?.args[0].input).toEqual({
    QueueUrl: 'dead',
    ReceiptHandle: 'r1',
    VisibilityTimeout: 0,
  });
});

test.each([
  ['put back', 'source'],
  ['set aside', 'aside'],
] as const)('a message that is %s is in its new queue before it leaves the old one', async (how, target) => {
  sqs.on(SendMessageCommand).rejectsOnce(new Error('away')).resolves({});
  sqs.on(DeleteMessageCommand).resolves({});
  const letters = setup();
  const move = () =>
    how === 'put back'
      ? letters.putBack('webhooks', MESSAGE)
      : letters.setAside('webhooks', MESSAGE, 'malformed');
  await expect(move()).rejects.toThrow('away');
  expect(sqs.commandCalls(DeleteMessageCommand)).toHaveLength(0);
  await move();
  const sent = sqs.commandCalls(SendMessageCommand).at(-1)?.args[0].input;
  expect(sent).toMatchObject({ QueueUrl: target, MessageBody: 'b' });
  if (how === 'set aside') expect(sent?.MessageAttributes?.cause?.StringValue).toBe('malformed');
  expect(sqs.commandCalls(DeleteMessageCommand)[0]?.args[0].input).toEqual({
    QueueUrl: 'dead',
    ReceiptHandle: 'r1',
  });
});
