import { classify } from '@sluice/connection/classify';
import type { UploadEvent } from '@sluice/contract/event';
import type { Brought, BuriedFor } from '../event/publish.ts';
import { UnreadableRow } from '../upload/faults.ts';
import { logger } from './logger.ts';
import { count } from './metrics.ts';
import { reportUnreadable } from './report-unreadable.ts';

/** Tells of an event that is in the feed and on the bus. */
export function reportPublished({ id, type, subject, time }: UploadEvent, now: number): void {
  logger.info('event published', {
    eventId: id,
    type,
    uploadId: subject,
    sinceChangeMs: now - Date.parse(time),
  });
  count('EventsPublished');
}

/** Tells of a change that is in the dead-letter queue: nobody has been told of it. */
export function reportBuried(brought: Brought, why: BuriedFor, error?: unknown): void {
  const { rowId, sequence, told } = brought;
  logger.error('event not published', { ...ofRow(rowId, told), sequence, why, error });
  count('EventsBuried');
  if (error instanceof UnreadableRow) reportUnreadable(error);
}

/** Tells of a change that comes again, because its event could not be delivered. */
export function reportPublishFailure({ rowId, sequence, told }: Brought, error: unknown): void {
  const { code, retryable } = classify(error);
  logger.warn('event delayed', { ...ofRow(rowId, told), sequence, code, retryable, error });
  count('EventFailures');
}

function ofRow(uploadId: string, told: Brought['told']) {
  return { uploadId, key: told?.key, correlation_id: told?.correlationId };
}
