/**
 * What AWS asks for a million of each, in US dollars, in us-east-1, before free tiers: S3 Standard, DynamoDB
 * on demand since its prices were halved in November 2024, HTTP APIs, Lambda on arm64, standard queues of
 * SQS. Taken from others' quotations of 2025, in November 2026: look before you budget.
 * https://aws.amazon.com/s3/pricing/, https://aws.amazon.com/dynamodb/pricing/on-demand/,
 * https://aws.amazon.com/api-gateway/pricing/, https://aws.amazon.com/lambda/pricing/,
 * https://aws.amazon.com/sqs/pricing/, https://aws.amazon.com/eventbridge/pricing/
 */
export const PER_MILLION = {
  HEAD: 0.4,
  GET: 0.4,
  COPY: 5,
  PUT: 5,
  DELETE: 0,
  /** one write of up to 1 KB, to the table or to one of its indexes */
  writeUnit: 0.625,
  /** one consistent read of up to 4 KB */
  readUnit: 0.125,
  /** of an HTTP API, up to 300 million a month */
  apiCall: 1,
  invocation: 0.2,
  gbSecond: 13.3334,
  queueRequest: 0.4,
  busEvent: 1,
} as const satisfies Readonly<Record<string, number>>;

/** A GB of logs that is taken in, from https://aws.amazon.com/cloudwatch/pricing/. */
export const LOGS_PER_GB = 0.5;

/**
 * The write units of each ledger call of an upload whose row is under 1 KB and has no reference, as
 * test/contract/write-units.test.ts counts them: the table, by-owner-keys, by-due-keys and by-tenant when it
 * is requested, the table when it is claimed, the table and by-due-keys at the verdict.
 */
export const WRITE_UNITS = { record: 4, claim: 1, accept: 2 } as const;

/**
 * What one verification, and one request, is assumed to take, in seconds: nothing was measured on Lambda. And
 * the memory of their functions, in GB.
 */
export const VERIFY_SECONDS = 0.15;
export const REQUEST_SECONDS = 0.02;
export const VERIFY_GB = 1;
export const FUNCTION_GB = 0.5;

/** How many uploads a batch of verification has at most, all worked on at once. */
export const BATCH_SIZE = 5;
