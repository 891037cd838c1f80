import type { UnreadableRow } from '../upload/faults.ts';
import { logger } from './logger.ts';
import { countNow } from './metrics.ts';

/** Tells the operator of a row that this version cannot read: a log line, and the metric that rings. */
export function reportUnreadable(row: UnreadableRow): void {
  logger.error('row not readable', { uploadId: row.id, error: row });
  // Not every function that meets one has metrics of its own to publish.
  countNow('UnreadableRows');
}
