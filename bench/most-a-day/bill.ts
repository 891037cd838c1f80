import {
  BATCH_SIZE,
  FUNCTION_GB,
  LOGS_PER_GB,
  PER_MILLION,
  VERIFY_GB,
  VERIFY_SECONDS,
} from '../verification/prices.ts';

const SECONDS_A_DAY = 86_400;

/** What holds a stack back. */
export type Limits = {
  /** of the API, each with a throttle of its own */
  readonly routes: number;
  /** calls a second that each route takes: `routeRateLimit` */
  readonly routeRateLimit: number;
  /** functions that the account runs at once */
  readonly concurrency: number;
  readonly verifyConcurrency: number;
};

/** What one call may ask for at most. */
const UPLOADS_A_CALL = 100;
const ADDRESSES_A_CALL = 200;
/**
 * A list with a filter that no row passes: 2,500 keys of some 200 bytes, the first hundred rows read
 * consistently, the others not (src/lib/aws/ledger-list.ts).
 */
const FILTERED_LIST_UNITS = 61 + 100 + 1_200;

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
  verifyConcurrency,
}: Limits): readonly Part[] {
  const daily = (aSecond: number, perMillion: number) => (aSecond * SECONDS_A_DAY * perMillion) / 1e6;
  const calls = routes * routeRateLimit;
  // POST /uploads and /uploads/batch; each upload ends once, by the sweep or by DELETE, and is told.
  const uploads = routeRateLimit * (1 + UPLOADS_A_CALL);
  const verified = Math.min(uploads, (verifyConcurrency * BATCH_SIZE) / VERIFY_SECONDS);
  const write = PER_MILLION.writeUnit;
  const reads = routeRateLimit * (FILTERED_LIST_UNITS + UPLOADS_A_CALL + ADDRESSES_A_CALL) + calls;
  return [
    { what: 'API Gateway: every route at its throttle', dollars: daily(calls, PER_MILLION.apiCall) },
    {
      // A call with a token that is seen for the first time invokes the authorizer as well.
      what: 'Lambda: these calls, and the authorizer for each',
      dollars: daily(2 * calls, PER_MILLION.invocation),
    },
    {
      what: 'Lambda: every function that the account may run at once, all day',
      dollars: daily(concurrency * FUNCTION_GB, PER_MILLION.gbSecond),
    },
    { what: 'DynamoDB: uploads requested, 100 a call', dollars: daily(uploads, 4 * write) },
    {
      what: 'DynamoDB and EventBridge: the same uploads ended and told',
      dollars: daily(uploads, (2 + 2) * write + PER_MILLION.busEvent),
    },
    {
      what: 'DynamoDB: reads, most of them of lists that find nothing',
      dollars: daily(reads, PER_MILLION.readUnit),
    },
    {
      what: 'S3, DynamoDB, SQS: uploads sent and verified, as many as verification takes',
      dollars: daily(
        verified,
        PER_MILLION.PUT +
          PER_MILLION.COPY +
          PER_MILLION.HEAD +
          PER_MILLION.GET +
          3 * write +
          3 * PER_MILLION.queueRequest,
      ),
    },
    { what: 'Lambda: verification', dollars: daily(verifyConcurrency * VERIFY_GB, PER_MILLION.gbSecond) },
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
