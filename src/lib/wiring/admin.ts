import type { Scanner } from '@sluice/contract/scan';
import { createAdoptionSource } from '../aws/adoption-source.ts';
import { createBucketWalk } from '../aws/bucket-walk.ts';
import { createCountIn } from '../aws/count-in.ts';
import { createDeadLetters } from '../aws/dead-letters.ts';
import { createAdminGrants } from '../aws/grant-admin.ts';
import { createAdminLedger } from '../aws/ledger-admin.ts';
import { drawShard } from '../aws/ledger-item.ts';
import type { Environment } from '../settings.ts';
import type { Place } from '../upload/ports.ts';
import { dynamo, s3, sqs } from './clients.ts';
import { scannerQueues } from './scans.ts';

/** Buckets from before Sluice. */
export function adoptionSource(environment: Environment) {
  return createAdoptionSource(environment.once(s3));
}

/** Listings of the three buckets. */
export function bucketWalk(environment: Environment) {
  return createBucketWalk(environment.once(s3), bucketNames(environment));
}

/** Which of the three a bucket is. */
export function placeOf(environment: Environment) {
  const names = bucketNames(environment);
  return (bucket: string) => PLACES.find((place) => names[place] === bucket);
}

const PLACES: readonly Place[] = ['incoming', 'store', 'quarantine'];

function bucketNames(environment: Environment): Readonly<Record<Place, string>> {
  return {
    incoming: environment.text('INCOMING_BUCKET'),
    store: environment.text('STORE_BUCKET'),
    quarantine: environment.text('QUARANTINE_BUCKET'),
  };
}

/** The dead-letter queues of the stack, and where their messages came from. */
export function deadLetters(environment: Environment) {
  const queues = {
    arrivals: {
      deadLetters: environment.text('ARRIVALS_DEAD_LETTER_QUEUE_URL'),
      source: always(environment.text('ARRIVALS_QUEUE_URL')),
    },
    events: {
      deadLetters: environment.text('EVENT_DEAD_LETTER_QUEUE_URL'),
      source: always(environment.text('EVENT_RETRY_QUEUE_URL')),
    },
    webhooks: {
      deadLetters: environment.text('WEBHOOK_EVENTS_DEAD_LETTER_QUEUE_URL'),
      source: always(environment.text('WEBHOOK_EVENTS_QUEUE_URL')),
    },
    scans: {
      deadLetters: environment.text('SCANS_DEAD_LETTER_QUEUE_URL'),
      source: sourceOfScan(environment),
    },
  };
  return createDeadLetters(environment.once(sqs), queues, environment.text('SET_ASIDE_QUEUE_URL'));
}

function always(url: string) {
  return () => url;
}

/** Where a message of the scans came from: the queue of its scanner, or that of the results. */
function sourceOfScan(environment: Environment) {
  const queues = scannerQueues(environment);
  const results = environment.text('SCAN_RESULTS_QUEUE_URL');
  return (body: string) => {
    const { scanner, outcome } = Object(JSON.parse(body));
    const isRequest = scanner !== undefined && outcome === undefined;
    const url = isRequest ? queues[scanner as Scanner] : results;
    if (url === undefined) throw new Error(`the scanner ${scanner} is not configured`);
    return url;
  };
}

/** The ledger as operators use it. */
export function adminLedger(environment: Environment) {
  const tables = { ledger: environment.text('LEDGER_TABLE'), grants: environment.text('GRANTS_TABLE') };
  return createAdminLedger(environment.once(dynamo), tables, drawShard);
}

/** Counts files that were accepted before they were counted. */
export function countIn(environment: Environment) {
  const tables = { ledger: environment.text('LEDGER_TABLE'), grants: environment.text('GRANTS_TABLE') };
  return createCountIn(environment.once(dynamo), tables);
}

/** The table of grants as operators use it. */
export function adminGrants(environment: Environment) {
  return createAdminGrants(environment.once(dynamo), environment.text('GRANTS_TABLE'));
}

/** How long others keep what they were told of an upload. */
export function retention(environment: Environment) {
  return {
    eventDays: environment.wholeNumber('EVENT_RETENTION_DAYS'),
    logDays: environment.wholeNumber('LOG_RETENTION_DAYS'),
  };
}
