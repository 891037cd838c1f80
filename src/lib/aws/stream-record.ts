import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Brought } from '../event/publish.ts';
import type { Change } from '../event/to-upload-event.ts';
import { UnreadableRow } from '../upload/faults.ts';
import type { Ledger } from '../upload/ports.ts';
import { toUpload } from './ledger-item.ts';

type Item = Readonly<Record<string, AttributeValue>>;

/** What is read of a record of the ledger's stream. */
export type StreamRecord = {
  readonly eventName?: string;
  readonly dynamodb?: {
    /** seconds since the epoch from Lambda, an ISO 8601 text from the AWS CLI */
    readonly ApproximateCreationDateTime?: number | string;
    readonly Keys?: Item;
    readonly SequenceNumber?: string;
    readonly NewImage?: Item;
    readonly OldImage?: Item;
  };
};

/** A record of the stream, and what it came as. */
export type BroughtRecord = Brought & { readonly record: StreamRecord };

/**
 * A record of the ledger's stream as a change.
 * @param ledger where the row is read again if the record has no image of it
 */
export function toBrought(record: StreamRecord, ledger: Pick<Ledger, 'read'>): BroughtRecord {
  const { SequenceNumber = '', Keys, NewImage, ApproximateCreationDateTime = 0 } = record.dynamodb ?? {};
  const rowId = Keys?.id?.S ?? '?';
  const changedAt = toTime(ApproximateCreationDateTime);
  return {
    record,
    sequence: SequenceNumber,
    rowId,
    ...(NewImage && { told: { key: NewImage.key?.S, correlationId: NewImage.correlationId?.S } }),
    changedAt,
    read: () => readChange(record, { rowId, changedAt }, ledger),
  };
}

/** Zero, which is long ago, for what is no time. */
function toTime(value: number | string): number {
  const time = typeof value === 'number' ? value * 1000 : Date.parse(value);
  return Number.isFinite(time) ? time : 0;
}

async function readChange(
  { dynamodb: { NewImage, OldImage } = {} }: StreamRecord,
  { rowId, changedAt }: Pick<Brought, 'rowId' | 'changedAt'>,
  ledger: Pick<Ledger, 'read'>,
): Promise<Change> {
  if (NewImage !== undefined) {
    return { before: readBefore(OldImage), after: toUpload(NewImage), changedAt };
  }
  // Too large for the dead-letter queue, so that it came without: what the row says now has to do.
  const after = await ledger.read(rowId);
  if (after === undefined) throw new UnreadableRow(rowId, 'the change has no image, and the row is gone');
  return { before: undefined, after, changedAt };
}

/** A row that was damaged and is mended counts as new: better one event twice than none. */
function readBefore(image: Item | undefined): Change['before'] {
  if (image === undefined) return undefined;
  try {
    return toUpload(image);
  } catch (error) {
    if (error instanceof UnreadableRow) return undefined;
    throw error;
  }
}
