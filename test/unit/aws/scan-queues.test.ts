import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Scanner } from '@sluice/contract/scan';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, test } from 'vitest';
import { createAskScanners, createReportScan } from '../../../src/lib/aws/scan-queues.ts';
import { aScannedObject, aScanRequest } from '../scan/a-scan.ts';

function setup(speed = 1) {
  const client = new SQSClient({ region: 'eu-central-1' });
  const sqs = mockClient(client);
  sqs.on(SendMessageCommand).resolves({});
  const queues = { inspection: 'https://inspection', guardduty: 'https://asked', function: 'https://asked' };
  const send = createAskScanners(client, queues, speed);
  const sent = () =>
    sqs.commandCalls(SendMessageCommand).map(({ args: [{ input }] }) => ({
      queue: input.QueueUrl,
      delay: input.DelaySeconds,
      scanner: JSON.parse(input.MessageBody ?? '').scanner as Scanner,
    }));
  return { client, sqs, send, sent };
}

function requests(...scanners: readonly Scanner[]) {
  return scanners.map((scanner) => aScanRequest({ scanner }));
}

test('each request goes to the queue of its scanner, as it is', async () => {
  const { sqs, send, sent } = setup();
  await send(requests('inspection', 'guardduty', 'function'), 0);
  expect(sent()).toEqual([
    { queue: 'https://inspection', delay: 0, scanner: 'inspection' },
    { queue: 'https://asked', delay: 0, scanner: 'guardduty' },
    { queue: 'https://asked', delay: 0, scanner: 'function' },
  ]);
  const [call] = sqs.commandCalls(SendMessageCommand);
  expect(JSON.parse(call?.args[0].input.MessageBody ?? '')).toEqual(aScanRequest({ scanner: 'inspection' }));
});

test.each([
  [60, 60],
  [0.4, 0],
  [-5, 0],
  [9_999, 900],
])('a pause of %d seconds is one of %d', async (asked, delay) => {
  const { send, sent } = setup();
  await send(requests('inspection'), asked);
  expect(sent()[0]?.delay).toBe(delay);
});

test('pauses may be faster, on the local stack', async () => {
  const { send, sent } = setup(60);
  await send(requests('inspection'), 900);
  expect(sent()[0]?.delay).toBe(15);
});

test('many requests are all sent, ten at once', async () => {
  const { sqs, send, sent } = setup();
  let [underWay, most] = [0, 0];
  sqs.on(SendMessageCommand).callsFake(async () => {
    underWay += 1;
    most = Math.max(most, underWay);
    await Promise.resolve();
    underWay -= 1;
  });
  const many = Array.from({ length: 23 }, () => aScanRequest({ scanner: 'inspection' }));
  await send(many, 0);
  expect([sent().length, most]).toEqual([23, 10]);
});

test('nothing is sent when one of the scanners is not configured', async () => {
  const { send, sent } = setup();
  await expect(send(requests('inspection', 'clamav'), 0)).rejects.toThrow(
    'the scanner clamav is not configured',
  );
  expect(sent()).toEqual([]);
});

test('what SQS refuses is a fault', async () => {
  const { sqs, send } = setup();
  sqs.on(SendMessageCommand).rejects(new Error('Rate exceeded'));
  await expect(send(requests('inspection'), 0)).rejects.toThrow('Rate exceeded');
});

test('a result goes to the queue of results', async () => {
  const { client, sqs } = setup();
  const result = { schema: 1, scanner: 'function', ...aScannedObject(), outcome: 'clean' } as const;
  await createReportScan(client, 'https://results')(result);
  const [call] = sqs.commandCalls(SendMessageCommand);
  expect(call?.args[0].input.QueueUrl).toBe('https://results');
  expect(JSON.parse(call?.args[0].input.MessageBody ?? '')).toEqual(result);
});
