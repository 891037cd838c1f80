import type { DynamoDBClient, TransactWriteItem, Update } from '@aws-sdk/client-dynamodb';
import { Refusal } from '@sluice/contract/refusals';
import type { Upload } from '@sluice/contract/upload';
import { refuseEnded, refuseUsedUp } from '../grant/check.ts';
import type { UploadGrant } from '../grant/grant.ts';
import { type Count, refuseFull } from '../quota/count.ts';
import type { Refund } from '../quota/refund.ts';
import type { Sources } from '../upload/ports.ts';
import { createCounterTable } from './counter-table.ts';
import { createGrantTable } from './grant-table.ts';
import { toValue } from './ledger-item.ts';

/** What uploads take from one row, and on which terms for so many of them. */
export type Share = {
  readonly id: string;
  readonly uploads: number;
  readonly bytes: number;
  /** the limits that the terms are of */
  readonly seen: string;
  readonly toTerms: (uploads: number, bytes: number) => Terms;
};

/** A row that an upload takes from: what it takes, and what is said where it has too little. */
export type Source = {
  readonly share: Share;
  /** Refuses for the reason for which it did not give, as the row is now. */
  readonly refuse: () => Promise<never>;
};

/**
 * The half of a transaction with the ledger that is in the table of grants, where the rows of counters are as
 * well. The conditions are those of src/lib/grant/check.ts and src/lib/quota/count.ts, once more where nobody
 * can come between; these modules say which one did not hold.
 */
export function createReservations(dynamo: DynamoDBClient, table: string) {
  const toTaking = ({ id, uploads, bytes, toTerms }: Share): TransactWriteItem => {
    const { conditions, values } = toTerms(uploads, bytes);
    return {
      Update: {
        TableName: table,
        Key: { id: { S: id } },
        ConditionExpression: conditions.join(' AND '),
        UpdateExpression: 'ADD takenUploads :taken, takenBytes :bytes, changes :one',
        ExpressionAttributeValues: {
          ':one': { N: '1' },
          ':taken': { N: String(uploads) },
          ':bytes': { N: String(bytes) },
          ...values,
        },
      },
    };
  };

  const ofGrant = (grant: UploadGrant, bytes: number, now: number): Source => ({
    share: {
      id: grant.id,
      uploads: 1,
      bytes,
      seen: JSON.stringify([grant.uploads, grant.bytes]),
      toTerms: (uploads, all) => termsOfGrant(grant, uploads, all, now),
    },
    async refuse() {
      const stands = await createGrantTable(dynamo, table).read(grant.id);
      if (stands === undefined) throw new Refusal('session_invalid');
      refuseEnded(stands, now);
      refuseUsedUp(stands, bytes);
      throw givenBack();
    },
  });

  const ofCounter = (count: Count, bytes: number): Source => ({
    share: {
      id: count.id,
      uploads: 1,
      bytes,
      seen: JSON.stringify([count.limits, count.ownLimits]),
      toTerms: (uploads, all) => termsOfCounter(count, uploads, all),
    },
    async refuse() {
      const tally = await createCounterTable(dynamo, table).read(count.id);
      refuseFull({ ...count, ...tally, limits: tally.ownLimits ?? count.limits }, bytes);
      throw givenBack();
    },
  });

  return {
    /** Everything that an upload takes itself and its bytes from. */
    sourcesOf({ reserved, createdAt }: Upload, { grant, counts = [] }: Sources = {}): readonly Source[] {
      if (reserved === undefined) return [];
      return [
        ...(grant === undefined ? [] : [ofGrant(grant, reserved, createdAt)]),
        ...counts.map((count) => ofCounter(count, count.counter === 'unfinished' ? 0 : reserved)),
      ];
    },

    /** Takes what an upload, or several together, take from a row; it fails where the row has too little. */
    toTaking,

    /**
     * Gives back what was taken. It has to be there to give back, so that a row from a backup, which gives
     * back again, takes nothing below nothing.
     */
    toGivingBack({ id, uploads, bytes }: Refund): TransactWriteItem {
      return {
        Update: {
          TableName: table,
          Key: { id: { S: id } },
          ConditionExpression: 'takenUploads >= :uploads AND takenBytes >= :bytes',
          UpdateExpression: 'ADD takenUploads :lessUploads, takenBytes :lessBytes, changes :one',
          ExpressionAttributeValues: {
            ':uploads': { N: String(uploads) },
            ':bytes': { N: String(bytes) },
            ':lessUploads': { N: String(-uploads) },
            ':lessBytes': { N: String(-bytes) },
            ':one': { N: '1' },
          },
        },
      };
    },
  };
}

type Terms = {
  readonly conditions: readonly string[];
  readonly values: NonNullable<Update['ExpressionAttributeValues']>;
};

function termsOfGrant(most: UploadGrant, uploads: number, bytes: number, now: number): Terms {
  return {
    conditions: [
      'attribute_exists(id) AND attribute_not_exists(revokedAt) AND expiresAt > :now',
      ...(most.uploads === undefined ? [] : ['takenUploads <= :files']),
      ...(most.bytes === undefined ? [] : ['takenBytes <= :room']),
    ],
    values: {
      ':now': { N: String(now) },
      ...(most.uploads !== undefined && { ':files': { N: String(most.uploads - uploads) } }),
      ...(most.bytes !== undefined && { ':room': { N: String(most.bytes - bytes) } }),
    },
  };
}

/**
 * A counter's row is made by the first that takes from it. Its own limits have to be those that were seen.
 */
function termsOfCounter({ limits, ownLimits }: Count, uploads: number, bytes: number): Terms {
  const within = (name: string, value: string, room: number) =>
    room < 0 ? `${name} <= ${value}` : `(attribute_not_exists(${name}) OR ${name} <= ${value})`;
  const room = {
    files: limits.files === undefined ? undefined : limits.files - uploads,
    bytes: limits.bytes === undefined ? undefined : limits.bytes - bytes,
  };
  return {
    conditions: [
      ownLimits === undefined ? 'attribute_not_exists(ownLimits)' : 'ownLimits = :ownLimits',
      ...(room.files === undefined ? [] : [within('takenUploads', ':files', room.files)]),
      ...(room.bytes === undefined ? [] : [within('takenBytes', ':room', room.bytes)]),
    ],
    values: {
      ...(ownLimits !== undefined && { ':ownLimits': toValue(ownLimits) }),
      ...(room.files !== undefined && { ':files': { N: String(room.files) } }),
      ...(room.bytes !== undefined && { ':room': { N: String(room.bytes) } }),
    },
  };
}

/** Something was given back since the condition failed, or a limit was changed. */
function givenBack(): Refusal {
  return new Refusal('too_busy', { retryAfterSeconds: 1 });
}
