import { classify } from '@sluice/connection/classify';
import type { SocketCounts } from '@sluice/connection/pool';
import { parseArrivals } from '../intake/arrival.ts';
import type { Fate } from '../intake/batch.ts';
import type { Message } from '../intake/messages.ts';
import type { Arrival } from '../intake/records.ts';
import { uploadOf } from '../upload/about.ts';
import { UnreadableRow } from '../upload/faults.ts';
import { parseKey } from '../upload/key.ts';
import type { Outcome } from '../upload/verify.ts';
import { logger } from './logger.ts';
import { count, countBytes, measure, metrics } from './metrics.ts';
import { reportUnreadable } from './report-unreadable.ts';
import { tally } from './tally.ts';
import { ofFailed, ofUpload } from './who.ts';

const METRICS = {
  accepted: 'UploadsAccepted',
  rejected: 'UploadsRejected',
  leftover: 'LeftoversRemoved',
  scanning: 'UploadsScanning',
  held: 'UploadsHeld',
  waiting: 'ArrivalsWaiting',
  unfinished: 'CopiesUnfinished',
  unrequested: 'UnrequestedArrivals',
  gone: 'ArrivalsGone',
} as const satisfies Record<Outcome['kind'], string>;

/** A verdict that comes within this time of the end of the transfer keeps the service level. */
const IN_TIME_MS = 10_000;

/** Tells how an arrival ended: one line, one metric. */
export function reportOutcome(arrival: Arrival, outcome: Outcome, now: number): void {
  count(METRICS[outcome.kind]);
  if (!('upload' in outcome)) {
    const { key } = arrival;
    logger.warn(`arrival ${outcome.kind}`, { key, uploadId: parseKey(key)?.id });
    return;
  }
  const { policy, size, evidence, reason, createdAt } = outcome.upload;
  const isVerdict = outcome.kind === 'accepted' || outcome.kind === 'rejected';
  const sinceSentMs = isVerdict ? toSinceSent(arrival, outcome, now) : undefined;
  logger.info(`upload ${outcome.kind}`, {
    ...ofUpload(outcome.upload),
    policy,
    size: size ?? evidence?.size,
    reason,
    sinceRequestMs: now - createdAt,
    sinceSentMs,
  });
  if (outcome.kind === 'accepted') countBytes('BytesAccepted', outcome.facts.size);
  if (outcome.kind === 'rejected') tally('Rejections', 1, { reason: reason ?? 'unknown' });
  if (sinceSentMs === undefined) return;
  measure('VerdictMilliseconds', sinceSentMs);
  if (sinceSentMs <= IN_TIME_MS) count('VerdictsInTime');
  else count('VerdictsLate');
}

/**
 * How long ago the file was there. An event says when S3 had it, and an object its own time in whole seconds.
 * An object made of parts is dated by their beginning: where no event says more, nothing is measured.
 */
function toSinceSent(
  { happenedAt }: Arrival,
  { upload, facts }: Extract<Outcome, { facts: object }>,
  now: number,
): number | undefined {
  const sentAt = happenedAt ?? (upload.transport === 'multipart' ? undefined : facts.modifiedAt);
  // The clocks of S3 and Lambda are not one.
  return sentAt === undefined || !Number.isFinite(sentAt) ? undefined : Math.max(0, now - sentAt);
}

/** Tells of a message that failed, and what becomes of it. */
export function reportFailure(message: Message, error: unknown, fate: Fate): void {
  const { code, retryable } = classify(error);
  logger.error('arrival not verified', {
    messageId: message.id,
    ...toSubject(message, error),
    code,
    retryable,
    receiveCount: message.receiveCount,
    ...fate,
    error,
  });
  count('ArrivalFailures');
  if ('isBuried' in fate) count('MalformedArrivals');
  if (error instanceof UnreadableRow) reportUnreadable(error);
}

/** What failed: by the row, where that had been read, and otherwise by what the message says. */
function toSubject(message: Message, error: unknown) {
  const upload = uploadOf(error);
  if (upload !== undefined) return ofFailed(upload);
  try {
    const [arrival] = parseArrivals(message.body);
    return arrival && { key: arrival.key, uploadId: parseKey(arrival.key)?.id };
  } catch {
    return undefined; // no notification of S3's
  }
}

/** Tells of an arrival in a bucket that somebody else wired to our queue. */
export function reportForeign(bucket: string): void {
  logger.warn('arrival in a bucket that is not ours', { bucket });
  count('ForeignArrivals');
}

/**
 * Publishes the metrics of a batch, with what became of its sockets; nothing of one in which nothing was to
 * be done.
 */
export function publishBatch(before: SocketCounts, after: SocketCounts): void {
  if (!metrics.hasStoredMetrics()) return;
  // Many opened and few reused is what a slow worker often suffers from.
  count('SocketsOpened', after.opened - before.opened);
  count('SocketsReused', after.reused - before.reused);
  count('CallsWaitingForASocket', after.waiting);
  metrics.publishStoredMetrics();
}
