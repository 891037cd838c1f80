import { randomInt } from 'node:crypto';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { convertToAttr, marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { Upload } from '../upload/upload.ts';

/** The shards of the by-due index, so that no single partition takes every write. */
export const DUE_SHARDS: readonly string[] = [...'0123456789abcdef'];

/**
 * A shard drawn by lot. Nothing about a row decides it: an id may follow from an Idempotency-Key, and whoever chooses
 * keys could fill one shard alone. A row keeps the shard that it was given.
 */
export const drawShard = (): string => DUE_SHARDS[randomInt(DUE_SHARDS.length)] ?? '0';

// JSON keeps the two names apart whatever they hold, where a separator could be part of either.
export const ownerKey = (tenant: string, subject: string): string => JSON.stringify([tenant, subject]);

/** Sorts by time, then id; fifteen digits of milliseconds last until the year 33658. */
export const createdAtId = (createdAt: number, id: string): string =>
  `${String(createdAt).padStart(15, '0')}#${id}`;

export const toValue = (value: unknown): AttributeValue =>
  convertToAttr(value, { removeUndefinedValues: true });

/** A row as DynamoDB holds it: the upload's own fields, and the keys of the indexes, which say nothing more. */
export const toItem = (upload: Upload, dueShard: string): Record<string, AttributeValue> =>
  marshall(
    {
      ...upload,
      ownerKey: ownerKey(upload.tenant, upload.subject),
      createdAtId: createdAtId(upload.createdAt, upload.id),
      ...(upload.dueAt !== undefined && { dueShard }),
    },
    { removeUndefinedValues: true },
  );

/** The upload in a row. Rows are written by this module alone, so their shape is taken on trust. */
export const toUpload = (item: Record<string, AttributeValue>): Upload => {
  const { ownerKey, createdAtId, dueShard, worker, leaseEndsAt, forgetAt, ...upload } = unmarshall(item);
  return upload as Upload;
};
