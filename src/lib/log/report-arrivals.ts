import { classify } from '@sluice/connection/classify';
import type { SocketCounts } from '@sluice/connection/pool';
import type { Fate } from '../intake/batch.ts';
import type { Message } from '../intake/messages.ts';
import { UnreadableRow } from '../upload/faults.ts';
import type { Outcome } from '../upload/verify.ts';
import { logger } from './logger.ts';
import { count, metrics } from './metrics.ts';
import { reportUnreadable } from './report-unreadable.ts';

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

/** Tells how an arrival ended: one line, one metric. */
export function reportOutcome(key: string, outcome: Outcome, now: number): void {
  count(METRICS[outcome.kind]);
  if (!('upload' in outcome)) {
    logger.warn(`arrival ${outcome.kind}`, { key });
    return;
  }
  const { id, correlationId, policy, size, reason, createdAt } = outcome.upload;
  logger.info(`upload ${outcome.kind}`, {
    uploadId: id,
    correlation_id: correlationId,
    policy,
    size,
    reason,
    sinceRequestMs: now - createdAt,
  });
}

/** Tells of a message that failed, and what becomes of it. */
export function reportFailure(message: Message, error: unknown, fate: Fate): void {
  const { code, retryable } = classify(error);
  logger.error('arrival not verified', {
    messageId: message.id,
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
