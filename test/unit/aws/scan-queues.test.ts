import { SendMessageBatchCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Scanner } from '@sluice/contract/scan';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, test } from 'vitest';
import { createAskScanners, createReportScan } from '../../../src/lib/aws/scan-queues.ts';
import { aScannedObject, aScanRequest } from '../scan/a-scan.ts';

function setup(speed = 1) {
  const client = new SQSClient({ region: 'eu-central-1' });
  const sqs = mockClient(client);
  sqs.on(SendMessageBatchCommand).resolves({});
  sqs.on(SendMessageCommand).resolves({});
  const queues = { inspection: 'https://inspection', guardduty: 'https://asked', function: 'https://asked' };
  const send = createAskScanners(client, queues, speed);
  const sent = () =>
    sqs.commandCalls(SendMessageBatchCommand).map(({ args: [{ input }] }) => ({
      queue: input.QueueUrl,
      delay: input.Entries?.[0]?.DelaySeconds,
      scanners: input.Entries?.map(({ MessageBody }) => JSON.parse(MessageBody ?? '').scanner as Scanner),
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
    { queue: 'https://inspection', delay: 0, scanners: ['inspection'] },
    { queue: 'https://asked', delay: 0, scanners: ['guardduty', 'function'] },
  ]);
  const [call] = sqs.commandCalls(SendMessageBatchCommand);
  const [entry] = call?.args[0].input.Entries ?? [];
  expect(JSON.parse(entry?.MessageBody ?? '')).toEqual(aScanRequest({ scanner: 'inspection' }));
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

test('a call holds ten requests', async () => {
  const { send, sent } = setup();
  await send(
    Array.from({ length: 23 }, () => aScanRequest({ scanner: 'inspection' })),
    0,
  );
  expect(sent().map(({ scanners }) => scanners?.length)).toEqual([10, 10, 3]);
});

test('nothing is sent when one of the scanners is not configured', async () => {
  const { send, sent } = setup();
  await expect(send(requests('inspection', 'clamav'), 0)).rejects.toThrow(
    'the scanner clamav is not configured',
  );
  expect(sent()).toEqual([]);
});

test('what SQS refuses of a call is sent again, and nothing else of it', async () => {
  const { sqs, send, sent } = setup();
  const Failed = [{ Id: '1', Code: 'InternalError', SenderFault: false }];
  sqs.on(SendMessageBatchCommand).resolvesOnce({ Failed }).resolvesOnce({ Failed }).resolves({});
  await send(requests('guardduty', 'function'), 0);
  expect(sent().map(({ scanners }) => scanners)).toEqual([
    ['guardduty', 'function'],
    ['function'],
    ['function'],
  ]);
});

test('what SQS refuses three times is a fault', async () => {
  const { sqs, send, sent } = setup();
  sqs
    .on(SendMessageBatchCommand)
    .resolves({ Failed: [{ Id: '0', Code: 'InternalError', SenderFault: false }] });
  await expect(send(requests('inspection'), 0)).rejects.toThrow(
    'SQS refused 1 requests for scans: InternalError',
  );
  expect(sent()).toHaveLength(3);
});

test('a result goes to the queue of results', async () => {
  const { client, sqs } = setup();
  const result = { schema: 1, scanner: 'function', ...aScannedObject(), outcome: 'clean' } as const;
  await createReportScan(client, 'https://results')(result);
  const [call] = sqs.commandCalls(SendMessageCommand);
  expect(call?.args[0].input.QueueUrl).toBe('https://results');
  expect(JSON.parse(call?.args[0].input.MessageBody ?? '')).toEqual(result);
});
