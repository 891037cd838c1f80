import {
  type CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  FilterLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { classify } from './classify.ts';
import { forEach } from './transfers/workers.ts';

/** One line that a function has logged. */
export type LogLine = {
  /** ISO 8601 */
  readonly time: string;
  readonly function: string;
  readonly message: string;
  readonly level?: string;
  /** what else the line says */
  readonly fields: Readonly<Record<string, unknown>>;
};

// CloudWatch allows five searches a second in an account by default.
const AT_ONCE = 4;
// A search of a busy group answers with many empty pages before it finds anything.
const PAGES_AT_MOST = 50;
const LINES_AT_MOST = 500;

/** The lines of a stack's functions that contain a text, oldest first. */
export async function findLines(
  client: CloudWatchLogsClient,
  search: { readonly stack: string; readonly text: string; readonly since: number },
  signal: AbortSignal,
): Promise<readonly LogLine[]> {
  const call = { abortSignal: signal };
  const lines: LogLine[] = [];
  try {
    const groups = await listGroups(client, `/aws/lambda/${search.stack}-`, signal);
    await forEach(groups, AT_ONCE, signal, async (logGroupName) => {
      let nextToken: string | undefined;
      for (let page = 0; page < PAGES_AT_MOST; page += 1) {
        const { events = [], nextToken: next } = await client.send(
          new FilterLogEventsCommand({
            logGroupName,
            filterPattern: `"${search.text.replaceAll(/["\\]/g, '')}"`,
            startTime: search.since,
            limit: LINES_AT_MOST,
            ...(nextToken !== undefined && { nextToken }),
          }),
          call,
        );
        for (const { timestamp = 0, message = '' } of events) {
          const line = toLine(logGroupName, timestamp, message);
          if (line !== undefined) lines.push(line);
        }
        if (next === undefined || lines.length >= LINES_AT_MOST) return;
        nextToken = next;
      }
    });
  } catch (error) {
    throw classify(error);
  }
  return lines.toSorted((a, b) => a.time.localeCompare(b.time));
}

async function listGroups(
  client: CloudWatchLogsClient,
  logGroupNamePrefix: string,
  abortSignal: AbortSignal,
): Promise<string[]> {
  const names: string[] = [];
  let nextToken: string | undefined;
  do {
    const page = await client.send(
      new DescribeLogGroupsCommand({ logGroupNamePrefix, ...(nextToken !== undefined && { nextToken }) }),
      { abortSignal },
    );
    names.push(...(page.logGroups ?? []).flatMap((group) => group.logGroupName ?? []));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return names;
}

/** A line of ours; undefined for those that Lambda itself writes, and for metrics. */
function toLine(group: string, timestamp: number, text: string): LogLine | undefined {
  const fields = parseFields(text);
  if (fields === undefined || typeof fields.message !== 'string') return undefined;
  const { message, level, timestamp: _time, function_name: name, ...rest } = fields;
  return {
    time: new Date(timestamp).toISOString(),
    function: typeof name === 'string' ? name : group.replace('/aws/lambda/', ''),
    message,
    ...(typeof level === 'string' && { level }),
    fields: Object.fromEntries(Object.entries(rest).filter(([key]) => !OF_EVERY_LINE.includes(key))),
  };
}

// Of the invocation, and not of what happened.
const OF_EVERY_LINE = [
  'cold_start',
  'function_arn',
  'function_memory_size',
  'function_request_id',
  'sampling_rate',
  'service',
  'xray_trace_id',
];

function parseFields(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
