import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, test } from 'vitest';
import { createArrivalsQueue } from '../../../src/lib/aws/arrivals-queue.ts';

function message(id: number) {
  return { id: String(id), receiptHandle: `r-${id}`, body: `b-${id}` };
}

function setup() {
  const client = new SQSClient({ region: 'eu-central-1' });
  const sqs = mockClient(client);
  const queue = createArrivalsQueue(client, { arrivals: 'https://arrivals', deadLetters: 'https://dead' });
  return { sqs, queue };
}

test('hides each message for its own time, ten in one call', async () => {
  const { sqs, queue } = setup();
  sqs.on(ChangeMessageVisibilityBatchCommand).resolves({});
  await queue.hide(Array.from({ length: 12 }, (_, id) => ({ message: message(id), seconds: id })));
  const calls = sqs.commandCalls(ChangeMessageVisibilityBatchCommand).map(({ args: [{ input }] }) => input);
  expect(calls.map(({ QueueUrl, Entries = [] }) => [QueueUrl, Entries.length])).toEqual([
    ['https://arrivals', 10],
    ['https://arrivals', 2],
  ]);
  expect(calls[1]?.Entries).toEqual([
    { Id: '0', ReceiptHandle: 'r-10', VisibilityTimeout: 10 },
    { Id: '1', ReceiptHandle: 'r-11', VisibilityTimeout: 11 },
  ]);
});

test('takes an entry that SQS refuses for a message that is no longer its own to change', async () => {
  const { sqs, queue } = setup();
  const Failed = [{ Id: '0', Code: 'ReceiptHandleIsInvalid', SenderFault: true }];
  sqs.on(ChangeMessageVisibilityBatchCommand).resolves({ Failed, Successful: [] });
  sqs.on(DeleteMessageBatchCommand).resolves({ Failed, Successful: [] });
  await queue.hide([{ message: message(1), seconds: 1 }]);
  await queue.acknowledge([message(1)]);
  expect(sqs.calls()).toHaveLength(2);
});

test('throws when the call itself fails, so that the lapse is told', async () => {
  const { sqs, queue } = setup();
  sqs.on(ChangeMessageVisibilityBatchCommand).rejects(new Error('AccessDenied'));
  await expect(queue.hide([{ message: message(1), seconds: 1 }])).rejects.toThrow('AccessDenied');
});

test('puts the body of a message into the dead-letter queue as it came, an empty one too', async () => {
  const { sqs, queue } = setup();
  sqs.on(SendMessageCommand).resolves({});
  await queue.bury(message(1));
  await queue.bury({ id: '2', body: '' });
  const sent = sqs.commandCalls(SendMessageCommand).map(({ args: [{ input }] }) => input);
  expect(sent).toEqual([
    { QueueUrl: 'https://dead', MessageBody: 'b-1' },
    { QueueUrl: 'https://dead', MessageBody: '(empty)' },
  ]);
});

test('sends the body of a message again as it came, to come after a while', async () => {
  const { sqs, queue } = setup();
  sqs.on(SendMessageCommand).resolves({});
  await queue.sendAgain(message(1), 300);
  expect(sqs.commandCalls(SendMessageCommand)[0]?.args[0].input).toEqual({
    QueueUrl: 'https://arrivals',
    MessageBody: 'b-1',
    DelaySeconds: 300,
  });
});
