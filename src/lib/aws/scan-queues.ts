import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Scanner } from '@sluice/contract/scan';
import { NoSuchScanner, type ReportScan } from '../scan/ports.ts';
import type { AskScanners } from '../upload/ports.ts';

/** The queues of the scanners that a deployment has. */
export type ScannerQueues = { readonly [Name in Scanner]?: string };

// The longest that SQS hides a new message.
const MOST_DELAY_SECONDS = 900;
// At once. An upload has few scanners; who scans a whole store again asks for many.
const SENDERS = 10;

/**
 * Puts requests on the queues of their scanners, each in a call of its own: most are alone on their queue,
 * and a call is taken whole or not at all.
 * @param speed how many times faster than asked for the pauses are: 1, but on the local stack
 */
export function createAskScanners(sqs: SQSClient, queues: ScannerQueues, speed: number): AskScanners {
  return async (requests, delaySeconds) => {
    const addressed = requests.map((request) => {
      const url = queues[request.scanner];
      if (url === undefined) throw new NoSuchScanner(request.scanner);
      return { QueueUrl: url, MessageBody: JSON.stringify(request) };
    });
    const DelaySeconds = Math.min(Math.max(Math.round(delaySeconds / speed), 0), MOST_DELAY_SECONDS);
    for (let start = 0; start < addressed.length; start += SENDERS) {
      const some = addressed.slice(start, start + SENDERS);
      await Promise.all(some.map((input) => sqs.send(new SendMessageCommand({ ...input, DelaySeconds }))));
    }
  };
}

/** Puts results on the queue of results, one at a time, as soon as each is known. */
export function createReportScan(sqs: SQSClient, url: string): ReportScan {
  return async (result) => {
    await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: JSON.stringify(result) }));
  };
}
