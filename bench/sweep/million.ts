import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { DUE_SHARDS } from '../../src/lib/aws/ledger-item.ts';

// What AWS publishes. A table on demand takes so many write units a second from its first day, and as much as
// twice its last peak later; a partition so many; a prefix of S3 so many HEADs and DELETEs.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html
const TABLE_UNITS = 4_000;
const PARTITION_UNITS = 1_000;
const S3_READS = 5_500;

/** A row that expires: two units for the table, or one while it is under 1 KB; and one for the index. */
const UNITS_OF_TABLE = 2;
const UNITS_OF_INDEX = 1;

const ROWS = 1_000_000;
// Calls of one row wait for each other. Nothing here was measured on AWS: ten milliseconds each is more than
// S3 and DynamoDB take for most.
const ROW_MS = 4 * 10;
const AT_ONCE = 48;
// A run begins nothing in its last twenty seconds.
const RESERVE_SECONDS = 20;

type Sweep = {
  readonly timeout: number;
  readonly events: readonly { readonly schedule: { readonly rate: string } }[];
};

/** Prints why, and answers in how many minutes a million rows are swept. */
export function toMillion(cpuMs: number): number {
  const { functions } = parse(readFileSync('serverless.yml', 'utf8'), { logLevel: 'silent', merge: true });
  const { timeout, events } = functions['expire-requests'] as Sweep;
  const everySeconds = 60 * Number(/\d+/.exec(events[0]?.schedule.rate ?? '')?.[0]);
  const runs = events.length;
  const rates = {
    'processor time of the functions, one CPU each': (runs * 1_000) / cpuMs,
    'rows in work, at 40 ms a row': (runs * AT_ONCE * 1_000) / ROW_MS,
    'writes of a table on demand that is new': TABLE_UNITS / UNITS_OF_TABLE,
    'writes of an index whose shards are all in two partitions': (2 * PARTITION_UNITS) / UNITS_OF_INDEX,
    'HEADs of a prefix of S3, one bucket each': S3_READS,
  };
  console.log(`\nA million rows, ${runs} runs at once over ${DUE_SHARDS.length} shards. Rows a second by`);
  for (const [name, rate] of Object.entries(rates))
    console.log(`  ${name.padEnd(58)} ${rate.toFixed(0).padStart(6)}`);
  const rate = Math.min(...Object.values(rates));
  const working = timeout - RESERVE_SECONDS;
  const seconds = ROWS / rate;
  // Whole runs, each of which begins with its schedule, and the rest in one more.
  const whole = Math.floor(seconds / working);
  const minutes = (whole * everySeconds + (seconds - whole * working)) / 60;
  console.log(
    `  so ${rate.toFixed(0)} a second, ${working} s of every ${everySeconds}: ${minutes.toFixed(1)} minutes`,
  );
  return minutes;
}
