import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, test } from 'vitest';
import { createQueueLength } from '../../../src/lib/aws/queue-length.ts';

function setup(Attributes?: Record<string, string>) {
  const sqs = mockClient(SQSClient);
  sqs.on(GetQueueAttributesCommand).resolves({ ...(Attributes && { Attributes }) });
  return { sqs, count: createQueueLength(sqs as unknown as SQSClient, 'https://queue') };
}

test('counts what waits and what is in work, and asks for no more', async () => {
  const { count, sqs } = setup({
    ApproximateNumberOfMessages: '7',
    ApproximateNumberOfMessagesNotVisible: '5',
  });
  expect(await count()).toBe(12);
  expect(sqs.commandCalls(GetQueueAttributesCommand)[0]?.args[0].input).toEqual({
    QueueUrl: 'https://queue',
    AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
  });
});

test('an answer without counts is a fault, not an empty queue', async () => {
  await expect(setup({ ApproximateNumberOfMessages: '7' }).count()).rejects.toThrow('did not say');
  await expect(setup().count()).rejects.toThrow('did not say');
});
