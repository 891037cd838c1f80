import { setTimeout as delay } from 'node:timers/promises';
import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  FilterLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { localCredentials, region } from './environment.ts';
import type { Stack } from './stack.ts';

const POLL_MS = 1000;

/**
 * Calls `show` with a line for each event in the functions' logs that is worth seeing, until the process
 * ends.
 */
export async function followLogs(
  stack: Stack,
  verbose: boolean,
  show: (line: string) => void,
): Promise<never> {
  const logs = new CloudWatchLogsClient({ endpoint: stack.endpoint, region, credentials: localCredentials });
  const seen = new Set<string>();
  let since = Date.now();
  for (;;) {
    await delay(POLL_MS);
    const until = Date.now();
    for (const event of await readEvents(logs, stack, since)) {
      if (seen.has(event.id)) continue;
      seen.add(event.id);
      const line = toLine(event.functionName, event.message, verbose);
      if (line) show(line);
    }
    // Two polls overlap, since an event may be written a moment after its own timestamp.
    since = until - 2 * POLL_MS;
  }
}

type LogEvent = { readonly id: string; readonly functionName: string; readonly message: string };

async function readEvents(logs: CloudWatchLogsClient, stack: Stack, since: number): Promise<LogEvent[]> {
  try {
    const prefix = `/aws/lambda/${stack.stackName}-`;
    const { logGroups = [] } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: prefix }));
    const names = logGroups.flatMap((group) => group.logGroupName ?? []);
    const answers = await Promise.all(
      names.map((logGroupName) => logs.send(new FilterLogEventsCommand({ logGroupName, startTime: since }))),
    );
    return answers.flatMap(({ events = [] }, index) =>
      events.map((event) => ({
        // MiniStack gives events no eventId.
        id: `${event.logStreamName} ${event.timestamp} ${event.message}`,
        functionName: names[index]?.slice(prefix.length) ?? '',
        message: event.message ?? '',
      })),
    );
  } catch {
    return []; // MiniStack is busy or going down; the next poll will tell
  }
}

const PLATFORM_LINE = /^(START|END|REPORT) RequestId:/;
/** Node's own remarks, such as a deprecated call in MiniStack's loader of functions. */
const NODE_REMARK = /^\((node:\d+\)|Use `node )/;
const WORTH_SEEING = new Set(['WARN', 'ERROR', 'CRITICAL']);

/** One line for the terminal, or undefined when the event is not worth one. */
export function toLine(functionName: string, message: string, verbose: boolean): string | undefined {
  if (message.trim() === '' || PLATFORM_LINE.test(message) || NODE_REMARK.test(message)) return undefined;
  const entry = parseEntry(message);
  if (!entry) return `  ${functionName}: ${message.trim()}`; // not from the logger: a crash, a timeout
  if ('_aws' in entry) return undefined; // a metric
  const level = String(entry.level ?? 'INFO');
  if (!verbose && !WORTH_SEEING.has(level)) return undefined;
  const about = ['uploadId', 'code', 'reason'].flatMap((name) =>
    name in entry ? `${name}=${entry[name]}` : [],
  );
  return `  ${[`${functionName}:`, level, entry.message, ...about].join(' ')}`;
}

function parseEntry(message: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(message);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : undefined;
  } catch {
    return undefined;
  }
}
