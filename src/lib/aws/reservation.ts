import type { DynamoDBClient, Update } from '@aws-sdk/client-dynamodb';
import { Refusal } from '@sluice/contract/refusals';
import { refuseEnded, refuseUsedUp } from '../grant/check.ts';
import type { UploadGrant } from '../grant/grant.ts';
import type { Refund } from '../grant/refund.ts';
import { createGrantTable } from './grant-table.ts';

/**
 * A grant's half of the two transactions that it is in. The conditions are those of src/lib/grant/check.ts,
 * once more where nobody can come between; that module says which one did not hold.
 */
export function createReservations(dynamo: DynamoDBClient, table: string) {
  return {
    /** Takes one upload and its bytes from a grant, if it has not ended and has as many left. */
    toTaking({ id, uploads, bytes: most }: UploadGrant, bytes: number, now: number): Update {
      return {
        TableName: table,
        Key: { id: { S: id } },
        ConditionExpression: [
          'attribute_exists(id) AND attribute_not_exists(revokedAt) AND expiresAt > :now',
          ...(uploads === undefined ? [] : ['takenUploads < :uploads']),
          ...(most === undefined ? [] : ['takenBytes <= :room']),
        ].join(' AND '),
        UpdateExpression: 'ADD takenUploads :one, takenBytes :bytes',
        ExpressionAttributeValues: {
          ':now': { N: String(now) },
          ':one': { N: '1' },
          ':bytes': { N: String(bytes) },
          ...(uploads !== undefined && { ':uploads': { N: String(uploads) } }),
          ...(most !== undefined && { ':room': { N: String(most - bytes) } }),
        },
      };
    },

    /**
     * Gives back to a grant what was taken. It has to be there to give back, so that a row from a backup,
     * which gives back again, takes no grant below nothing.
     */
    toGivingBack({ grantId, uploads, bytes }: Refund): Update {
      return {
        TableName: table,
        Key: { id: { S: grantId } },
        ConditionExpression: 'takenUploads >= :uploads AND takenBytes >= :bytes',
        UpdateExpression: 'ADD takenUploads :lessUploads, takenBytes :lessBytes',
        ExpressionAttributeValues: {
          ':uploads': { N: String(uploads) },
          ':bytes': { N: String(bytes) },
          ':lessUploads': { N: String(-uploads) },
          ':lessBytes': { N: String(-bytes) },
        },
      };
    },

    /** Refuses for the reason for which a grant did not give, as its row is now. */
    async refuse(id: string, bytes: number, now: number): Promise<never> {
      const grant = await createGrantTable(dynamo, table).read(id);
      if (grant === undefined) throw new Refusal('session_invalid');
      refuseEnded(grant, now);
      refuseUsedUp(grant, bytes);
      // Something was given back since.
      throw new Refusal('too_busy', { retryAfterSeconds: 1 });
    },
  };
}
