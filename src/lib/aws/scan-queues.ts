import { SendMessageBatchCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Scanner, ScanRequest } from '@sluice/contract/scan';
import { NoSuchScanner, type ReportScan } from '../scan/ports.ts';
import type { AskScanners } from '../upload/ports.ts';

/** The queues of the scanners that a deployment has. */
export type ScannerQueues = { readonly [Name in Scanner]?: string };

// The most that one call takes, and the longest that SQS hides a new message.
const ENTRIES = 10;
const MOST_DELAY_SECONDS = 900;
// SQS takes some entries of a call and refuses others, mostly for a moment.
const TRIES = 3;

/**
 * Puts requests on the queues of their scanners.
 * @param speed how many times faster than asked for the pauses are: 1, but on the local stack
 */
export function createAskScanners(sqs: SQSClient, queues: ScannerQueues, speed: number): AskScanners {
  return async (requests, delaySeconds) => {
    const byQueue = Map.groupBy(requests, ({ scanner }) => {
      const url = queues[scanner];
      if (url === undefined) throw new NoSuchScanner(scanner);
      return url;
    });
    const delay = Math.min(Math.max(Math.round(delaySeconds / speed), 0), MOST_DELAY_SECONDS);
    for (const [url, ofQueue] of byQueue) {
      for (let start = 0; start < ofQueue.length; start += ENTRIES) {
        await sendBatch(sqs, url, ofQueue.slice(start, start + ENTRIES), delay);
      }
    }
  };
}

async function sendBatch(
  sqs: SQSClient,
  url: string,
  requests: readonly ScanRequest[],
  delay: number,
): Promise<void> {
  let left = requests.map((request, index) => ({
    Id: String(index),
    MessageBody: JSON.stringify(request),
    DelaySeconds: delay,
  }));
  for (let attempt = 1; left.length > 0; attempt += 1) {
    const { Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl: url, Entries: left }));
    const failed = new Map(Failed.map(({ Id, Code }) => [Id, Code]));
    left = left.filter(({ Id }) => failed.has(Id));
    // Not again for ever: whoever asked knows from the row that it is to be asked again.
    if (left.length > 0 && attempt === TRIES) {
      throw new Error(`SQS refused ${left.length} requests for scans: ${[...failed.values()][0]}`);
    }
  }
}

/** Puts results on the queue of results, one at a time, as soon as each is known. */
export function createReportScan(sqs: SQSClient, url: string): ReportScan {
  return async (result) => {
    await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: JSON.stringify(result) }));
  };
}
