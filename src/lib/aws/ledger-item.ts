import { randomInt } from 'node:crypto';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { convertToAttr, marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { Upload } from '@sluice/contract/upload';
import { UnreadableRow } from '../upload/faults.ts';
import type { Rows } from '../upload/ports.ts';
import { parseRow, ROW_SCHEMA } from '../upload/row.ts';

/** The shards of the by-due index, so that no single partition takes every write. */
export const DUE_SHARDS: readonly string[] = [...'0123456789abcdef'];

/**
 * A random shard. Nothing about a row decides it: an id may follow from an Idempotency-Key, and somebody who
 * chooses keys could fill one shard. A row keeps its shard.
 */
export function drawShard(): string {
  return DUE_SHARDS[randomInt(DUE_SHARDS.length)] ?? '0';
}

// JSON keeps the two names apart, whatever they contain; a separator could be part of either.
export function ownerKey(tenant: string, subject: string): string {
  return JSON.stringify([tenant, subject]);
}

/** Of all that a tenant's own id of something was given to, whoever requested it. */
export function referenceKey(tenant: string, reference: string): string {
  return JSON.stringify([tenant, reference]);
}

/** Sorts by time, then id; fifteen digits of milliseconds last until the year 33658. */
function createdAtId(createdAt: number, id: string): string {
  return `${String(createdAt).padStart(15, '0')}#${id}`;
}

export function toValue(value: unknown): AttributeValue {
  return convertToAttr(value, { removeUndefinedValues: true });
}

/**
 * A row as DynamoDB holds it: the upload's own fields, and the keys of the indexes, which say nothing more.
 */
export function toItem(upload: Upload, dueShard: string): Record<string, AttributeValue> {
  return marshall(
    {
      ...upload,
      schema: ROW_SCHEMA,
      ownerKey: ownerKey(upload.tenant, upload.subject),
      createdAtId: createdAtId(upload.createdAt, upload.id),
      ...(upload.reference !== undefined && {
        referenceKey: referenceKey(upload.tenant, upload.reference),
      }),
      ...(upload.dueAt !== undefined && { dueShard }),
    },
    { removeUndefinedValues: true },
  );
}

/** The upload in an item. Throws UnreadableRow. */
export function toUpload(item: Record<string, AttributeValue>): Upload {
  return parseRow(unmarshall(item));
}

/** The uploads in a page of items, and the items that cannot be read as one. */
export function toRows(items: readonly Record<string, AttributeValue>[]): Rows {
  const uploads: Upload[] = [];
  const unreadable: UnreadableRow[] = [];
  for (const item of items) {
    try {
      uploads.push(toUpload(item));
    } catch (error) {
      if (!(error instanceof UnreadableRow)) throw error;
      unreadable.push(error);
    }
  }
  return { uploads, unreadable };
}
