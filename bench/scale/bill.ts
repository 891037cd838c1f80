import {
  FUNCTION_GB,
  LOGS_PER_GB,
  PER_MILLION,
  REQUEST_SECONDS,
  VERIFY_GB,
  WRITE_UNITS,
} from '../verification/prices.ts';
import type { Workload } from './workload.ts';

/** Calls of the API for an upload: one requests it, the others ask for its state. */
export const CALLS = 6;
/** Of these, the authorizer runs for one: API Gateway keeps what it said for five minutes. */
const AUTHORIZED = 1;
/** test/unit/events/log-volume.test.ts counts them. */
const LOG_GB = 3.7e-6;
const FEED_WRITE_UNITS = 2;
const READ_UNITS = 5;
/** Received, deleted, and sometimes hidden for longer. */
const REQUESTS_A_MESSAGE = 3;
/** A share of a batch of publish-events. */
const PUBLISHED_IN_A_BATCH = 10;
/** An event is kept in the bus's archive: its bytes, and what a GB costs. */
const EVENT_GB = 2e-6;
const ARCHIVE_PER_GB = 0.1;
/**
 * A webhook's row, by its writes: made with its keys in two indexes, claimed and settled with another due
 * time each. And the message to fan out and the one to deliver, with a function each.
 */
const WEBHOOK_WRITE_UNITS = 3 + 3 + 2;
const WEBHOOK_SECONDS = 0.1;

/** What a stack costs when nobody calls it: metrics, alarms, secrets, polled queues. */
const IDLE = 20;

export type Part = { readonly what: string; readonly dollars: number };

/**
 * What a month costs, service by service, at list prices of us-east-1, without storage, traffic, free tiers
 * and lower prices of higher volumes. Each file is small, is sent by one PUT and accepted.
 */
export function toBill({ uploadsAMonth, verifySeconds }: Workload): readonly Part[] {
  const price = PER_MILLION;
  const run = (seconds: number, gb: number) => price.invocation + seconds * gb * price.gbSecond;
  const ledgerUnits = WRITE_UNITS.record + WRITE_UNITS.claim + WRITE_UNITS.accept;
  const aMillion: Readonly<Record<string, number>> = {
    'S3: the PUT, and a copy, a HEAD and a GET to verify it': price.PUT + price.COPY + price.HEAD + price.GET,
    'DynamoDB: the row, its indexes, the feed, five looks':
      (ledgerUnits + FEED_WRITE_UNITS) * price.writeUnit + READ_UNITS * price.readUnit,
    'API Gateway: six calls': CALLS * price.apiCall,
    'Lambda: these calls and the authorizer': (CALLS + AUTHORIZED) * run(REQUEST_SECONDS, FUNCTION_GB),
    'Lambda: verification, one upload at a time': run(verifySeconds, VERIFY_GB),
    'SQS: notifications': REQUESTS_A_MESSAGE * price.queueRequest,
    'EventBridge: the event and its archive, and who publishes it':
      price.busEvent +
      EVENT_GB * 1e6 * ARCHIVE_PER_GB +
      run(REQUEST_SECONDS * PUBLISHED_IN_A_BATCH, FUNCTION_GB) / PUBLISHED_IN_A_BATCH,
    'CloudWatch Logs': LOG_GB * 1e6 * LOGS_PER_GB,
    'webhooks: one endpoint':
      WEBHOOK_WRITE_UNITS * price.writeUnit +
      2 * REQUESTS_A_MESSAGE * price.queueRequest +
      2 * run(WEBHOOK_SECONDS, FUNCTION_GB),
  };
  const parts = Object.entries(aMillion).map(([what, dollars]) => ({
    what,
    dollars: (dollars * uploadsAMonth) / 1e6,
  }));
  return [...parts, { what: 'what an idle stack costs', dollars: IDLE }];
}
