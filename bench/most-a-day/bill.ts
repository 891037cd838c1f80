import { PER_MILLION } from '../verification/prices.ts';

const SECONDS_A_DAY = 86_400;

// US dollars in us-east-1, before free tiers, as prices.ts has its own: a million calls of an HTTP API,
// invocations, requests of SQS, events of a bus, read units; a million GB-seconds on arm64; a GB of logs.
const API_CALLS = 1;
const INVOCATIONS = 0.2;
const QUEUE_REQUESTS = 0.4;
const BUS_EVENTS = 1;
const READ_UNITS = 0.125;
const GB_SECONDS = 13.3334;
const LOGS_PER_GB = 0.5;

/** What holds a stack back. */
export type Limits = {
  /** of the API, each with a throttle of its own */
  readonly routes: number;
  /** calls a second that each route takes: `routeRateLimit` */
  readonly routeRateLimit: number;
  /** functions that the account runs at once */
  readonly concurrency: number;
  readonly maxVerifyConcurrency: number;
};

/** What one call may ask for at most. */
const UPLOADS_A_CALL = 100;
const ADDRESSES_A_CALL = 200;
/**
 * A list with a filter that no row passes: 2,500 keys of some 200 bytes, the first hundred rows read
 * consistently, the others not (src/lib/aws/ledger-list.ts).
 */
const FILTERED_LIST_UNITS = 61 + 100 + 1_200;

const FUNCTION_GB = 0.5;
const VERIFY_GB = 1;
/** What a verification is assumed to take, as in docs/deploying.md, and how many a batch has at once. */
const VERIFY_SECONDS = 0.15;
const VERIFIED_AT_ONCE = 5;

const LINE_GB = 0.5e-6;
const LINES_OF_AN_INVOCATION = 2;

export type Part = { readonly what: string; readonly dollars: number };

/**
 * The most that a stack can cost in a day of nothing but abuse: every route at its throttle, every call as
 * large as it may be, every function busy. Without what no limit of the stack bounds: stored bytes, traffic,
 * and requests to S3 with URLs that were signed.
 */
export function mostADay({
  routes,
  routeRateLimit,
  concurrency,
  maxVerifyConcurrency,
}: Limits): readonly Part[] {
  const daily = (aSecond: number, perMillion: number) => (aSecond * SECONDS_A_DAY * perMillion) / 1e6;
  const calls = routes * routeRateLimit;
  // POST /uploads and /uploads/batch; each upload ends once, by the sweep or by DELETE, and is told.
  const uploads = routeRateLimit * (1 + UPLOADS_A_CALL);
  const verified = Math.min(uploads, (maxVerifyConcurrency * VERIFIED_AT_ONCE) / VERIFY_SECONDS);
  const write = PER_MILLION.writeUnit;
  const reads = routeRateLimit * (FILTERED_LIST_UNITS + UPLOADS_A_CALL + ADDRESSES_A_CALL) + calls;
  return [
    { what: 'API Gateway: every route at its throttle', dollars: daily(calls, API_CALLS) },
    {
      // A call with a token that is seen for the first time invokes the authorizer as well.
      what: 'Lambda: these calls, and the authorizer for each',
      dollars: daily(2 * calls, INVOCATIONS),
    },
    {
      what: 'Lambda: every function that the account may run at once, all day',
      dollars: daily(concurrency * FUNCTION_GB, GB_SECONDS),
    },
    { what: 'DynamoDB: uploads requested, 100 a call', dollars: daily(uploads, 4 * write) },
    {
      what: 'DynamoDB and EventBridge: the same uploads ended and told',
      dollars: daily(uploads, (2 + 2) * write + BUS_EVENTS),
    },
    { what: 'DynamoDB: reads, most of them of lists that find nothing', dollars: daily(reads, READ_UNITS) },
    {
      what: 'S3, DynamoDB, SQS: uploads sent and verified, as many as verification takes',
      dollars: daily(
        verified,
        PER_MILLION.PUT +
          PER_MILLION.COPY +
          PER_MILLION.HEAD +
          PER_MILLION.GET +
          3 * write +
          3 * QUEUE_REQUESTS,
      ),
    },
    { what: 'Lambda: verification', dollars: daily(maxVerifyConcurrency * VERIFY_GB, GB_SECONDS) },
    {
      what: 'CloudWatch Logs',
      dollars: daily((calls * LINES_OF_AN_INVOCATION + uploads) * LINE_GB, LOGS_PER_GB * 1e6),
    },
  ];
}

/** All parts together. */
export function sumOf(parts: readonly Part[]): number {
  return parts.reduce((sum, { dollars }) => sum + dollars, 0);
}
