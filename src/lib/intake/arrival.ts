import { parseEvent } from './eventbridge.ts';
import { MalformedNotification } from './faults.ts';
import { type Fields, hasMoreBytes, parseJson, toFields, toText } from './narrow.ts';
import { isFromR2, parseR2 } from './r2.ts';
import { type Arrival, parseRecord } from './records.ts';

/** SQS takes messages up to 1 MiB; nothing larger can be genuine. */
export const BODY_MAX_BYTES = 1024 * 1024;
/** S3 sends one record per message today and promises no limit. */
export const RECORDS_MAX = 1_000;

/**
 * Reads the arrivals in one message, whatever its way: from S3 itself or a compatible store, through SNS
 * (wrapped or raw), through EventBridge, or from Cloudflare R2. Events of other kinds (removals, lifecycle,
 * tagging, `s3:TestEvent`) bring no arrival. Fields that are not named here may come and go; event versions
 * 2.x are all the same. Throws MalformedNotification for anything that none of these senders sends.
 */
export function parseArrivals(body: string): Arrival[] {
  if (hasMoreBytes(body, BODY_MAX_BYTES)) {
    throw new MalformedNotification('the body is larger than 1 MiB');
  }
  const message = toFields(parseJson(body, 'the body'), 'the body');
  return parseNotification(isFromSns(message) ? unwrap(message) : message);
}

/** Unless raw delivery is on, SNS sends `Type` in every message. */
function isFromSns(message: Fields): boolean {
  return 'Type' in message && 'TopicArn' in message;
}

function unwrap(message: Fields): Fields {
  // A confirmation contains a URL to visit. No URL in a message is ever fetched.
  if (message.Type !== 'Notification') {
    throw new MalformedNotification('an SNS message that is no notification');
  }
  const inner = parseJson(toText(message.Message, 'the SNS message'), 'the SNS message');
  return toFields(inner, 'the SNS message');
}

function parseNotification(message: Fields): Arrival[] {
  if ('Records' in message) return parseRecords(message.Records);
  if ('detail-type' in message) return parseEvent(message);
  if (isFromR2(message)) return parseR2(message);
  // S3 sends this once when notifications are set up; it has no records.
  if (message.Event === 's3:TestEvent') return [];
  throw new MalformedNotification('neither records, nor an event of EventBridge or R2, nor a test event');
}

function parseRecords(records: unknown): Arrival[] {
  if (!Array.isArray(records)) throw new MalformedNotification('the records are not a list');
  if (records.length > RECORDS_MAX) throw new MalformedNotification(`more than ${RECORDS_MAX} records`);
  const arrivals: Arrival[] = [];
  for (const record of records) {
    const arrival = parseRecord(record);
    if (arrival !== undefined) arrivals.push(arrival);
  }
  return arrivals;
}
