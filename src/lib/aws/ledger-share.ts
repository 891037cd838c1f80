import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { isEnded, STATES } from '@sluice/contract/state';
import type { Ledger } from '../upload/ports.ts';
import { ROW_SCHEMA } from '../upload/row.ts';
import { toUpload, toValue } from './ledger-item.ts';

const ENDED = Object.fromEntries(STATES.filter(isEnded).map((state) => [`:${state}`, { S: state }]));

/** Changes the readers of a row by one write, on the condition that nobody else was first. */
export function createShare(dynamo: DynamoDBClient, table: string): Ledger['share'] {
  return async (seen, readers) => {
    const Key = { id: { S: seen.id } };
    const { readersRevision: before } = seen;
    const readersRevision = (before ?? 0) + 1;
    try {
      const { Attributes = {} } = await dynamo.send(
        new UpdateItemCommand({
          TableName: table,
          Key,
          // The state may move on meanwhile, from requested to accepted: that does not concern the readers.
          ConditionExpression: [
            'attribute_exists(id)',
            before === undefined ? 'attribute_not_exists(readersRevision)' : 'readersRevision = :before',
            `NOT (#state IN (${Object.keys(ENDED).join(', ')}))`,
            '(attribute_not_exists(#schema) OR #schema <= :schema)',
          ].join(' AND '),
          UpdateExpression: 'SET readers = :readers, readersRevision = :after',
          ExpressionAttributeNames: { '#state': 'state', '#schema': 'schema' },
          ExpressionAttributeValues: {
            ...ENDED,
            ...(before !== undefined && { ':before': toValue(before) }),
            ':after': toValue(readersRevision),
            ':readers': { S: readers },
            ':schema': toValue(ROW_SCHEMA),
          },
          ReturnValues: 'ALL_NEW',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      );
      return { shared: true, upload: toUpload(Attributes) };
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      // An engine that leaves the item out of its answer does not say that there is none.
      const item =
        error.Item ??
        (await dynamo.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }))).Item;
      const upload = item && toUpload(item);
      // Our own reply was lost, and the SDK's retry met what it had written.
      const isOwn = upload?.readersRevision === readersRevision && upload.readers === readers;
      return { shared: isOwn, upload };
    }
  };
}
