// What AWS lets an account and a stage do, and how much of it a workload takes in its busiest minute. Limits
// are those of us-east-1 for an account that has asked for none, as AWS published them in November 2026; the
// address beside each is where.
import { BUSY_SHARE, MOST_CONCURRENCY, NEW_TABLE } from '../capacity.ts';
import { BATCH_SIZE, REQUEST_SECONDS } from '../verification/prices.ts';
import { CALLS } from './bill.ts';
import { PLANNED_SECONDS, peakOf, type Workload } from './workload.ts';

const DYNAMO = 'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide';
const LAMBDA = 'https://docs.aws.amazon.com/lambda/latest/dg';
const S3 = 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html';
const BUS = 'https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html';

/** What one partition of DynamoDB writes in a second, whatever the table takes. */
export const PARTITION_UNITS = 1_000;
/** Of one partition of a bucket: what S3 takes of each kind before it splits the prefix. */
export const PREFIX = { writes: 3_500, reads: 5_500 };

/** One webhook endpoint: eight deliveries at once, one after the other in each (decision 0067). */
const WEBHOOK_SLOTS = 8;
/** How long an endpoint takes to answer, with the calls around it. */
const ANSWER_SECONDS = 0.15;
/** Of the uploads, how many come from somebody who has just signed in. */
const SIGNED_IN_SHARE = 0.1;
const FEED_PARTITIONS = 4;

/** Whose a limit is: the account's, which AWS raises; DynamoDB's and S3's own; the stage's. */
export type Raise = 'ask AWS' | 'warmTables' | 'by itself, in minutes' | 'several endpoints' | 'no';

export type Load = {
  readonly what: string;
  readonly taken: number;
  readonly limit: number;
  readonly raise: Raise;
  readonly source: string;
};

/** Each limit with what the workload takes of it in its busiest minute, the fullest first. */
export function toLoads(workload: Workload): readonly Load[] {
  const peak = peakOf(workload);
  const places = (peak * PLANNED_SECONDS) / BUSY_SHARE;
  const functionsBusy = peak * ((CALLS + 1) * REQUEST_SECONDS + workload.verifySeconds + REQUEST_SECONDS);
  const loads: readonly Load[] = [
    {
      what: 'functions at once in the account',
      taken: functionsBusy,
      limit: 1_000,
      raise: 'ask AWS',
      source: `${LAMBDA}/gettingstarted-limits.html`,
    },
    {
      what: 'batches at once of one queue',
      taken: places,
      limit: MOST_CONCURRENCY,
      raise: 'no',
      source: `${LAMBDA}/services-sqs-scaling.html`,
    },
    {
      what: 'calls a second of the account’s APIs',
      taken: peak * CALLS,
      limit: 10_000,
      raise: 'ask AWS',
      source: 'https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html',
    },
    {
      what: 'write units a second of a ledger that starts cold',
      taken: peak * 3,
      limit: NEW_TABLE.writeUnits,
      raise: 'warmTables',
      source: `${DYNAMO}/warm-throughput.html`,
    },
    {
      what: 'read units a second of a ledger that starts cold',
      taken: peak * 5,
      limit: NEW_TABLE.readUnits,
      raise: 'warmTables',
      source: `${DYNAMO}/warm-throughput.html`,
    },
    {
      what: 'write units a second of the ledger',
      taken: peak * 3,
      limit: 40_000,
      raise: 'ask AWS',
      source: `${DYNAMO}/ServiceQuotas.html`,
    },
    {
      what: 'uploads a second of one tenant, if it has all: its key in by-tenant',
      taken: peak,
      limit: PARTITION_UNITS,
      raise: 'no',
      source: `${DYNAMO}/bp-partition-key-design.html`,
    },
    {
      what: 'write units a second of a day’s feed, in its partitions',
      taken: peak * 2,
      limit: FEED_PARTITIONS * PARTITION_UNITS,
      raise: 'no',
      source: `${DYNAMO}/bp-partition-key-design.html`,
    },
    {
      what: 'writes a second to incoming, if one tenant has all: PUT and DELETE',
      taken: peak * 2,
      limit: PREFIX.writes,
      raise: 'by itself, in minutes',
      source: S3,
    },
    {
      what: 'reads a second of incoming, if one tenant has all: HEAD, GET, the copy’s',
      taken: peak * 3,
      limit: PREFIX.reads,
      raise: 'by itself, in minutes',
      source: S3,
    },
    {
      what: 'messages in flight',
      taken: places * BATCH_SIZE,
      limit: 120_000,
      raise: 'ask AWS',
      source: 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html',
    },
    {
      what: 'events a second on the bus',
      taken: peak,
      limit: 10_000,
      raise: 'ask AWS',
      source: BUS,
    },
    {
      what: 'webhooks a second to one endpoint',
      taken: peak,
      limit: WEBHOOK_SLOTS / ANSWER_SECONDS,
      raise: 'several endpoints',
      source: 'docs/decisions/0067-slots-for-deliveries.md',
    },
    {
      what: 'sign-ins a second at Cognito',
      taken: peak * SIGNED_IN_SHARE,
      limit: 120,
      raise: 'ask AWS',
      source: 'https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html',
    },
  ];
  return loads.toSorted((one, other) => shareOf(other) - shareOf(one));
}

/** How much of a limit is taken; more than 1 breaks it. */
export function shareOf({ taken, limit }: Pick<Load, 'taken' | 'limit'>): number {
  return taken / limit;
}

/** The limits that a workload goes beyond, the worst first. */
export function brokenBy(workload: Workload): readonly Load[] {
  return toLoads(workload).filter((load) => shareOf(load) > 1);
}
