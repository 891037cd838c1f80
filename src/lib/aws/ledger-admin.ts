import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Upload } from '@sluice/contract/upload';
import type { AdminLedger, RowFilter, Taking } from '../admin/ports.ts';
import { ROW_SCHEMA } from '../upload/row.ts';
import { toRows, toUpload, toValue } from './ledger-item.ts';
import { readItem } from './ledger-reader.ts';
import { createReservations } from './reservation.ts';
import { hasFailed, transact } from './transact.ts';

// What a verdict leaves in a row. The version that was pinned is gone: its object comes back as another one.
const OF_A_VERDICT = [
  'settledAt',
  'forgetAt',
  'evidence',
  'servedType',
  'reason',
  'detail',
  'versionId',
  'scans',
  'inspection',
] as const;

/**
 * The ledger on DynamoDB, as operators use it.
 * @param shard the due shard of the next row that needs one
 */
export function createAdminLedger(
  dynamo: DynamoDBClient,
  tables: { readonly ledger: string; readonly grants: string },
  shard: () => string,
): AdminLedger {
  const table = tables.ledger;
  const reservations = createReservations(dynamo, tables.grants);
  return {
    async scan(filter, after, limit, segment) {
      const { Items = [], LastEvaluatedKey } = await dynamo.send(
        new ScanCommand({
          TableName: table,
          Limit: limit, // of rows that are looked at, whatever the filter leaves of them
          ...toExpression(filter),
          ...(after !== undefined && { ExclusiveStartKey: { id: { S: after } } }),
          ...(segment && { Segment: segment.number, TotalSegments: segment.of }),
        }),
      );
      const next = LastEvaluatedKey?.id?.S;
      return { ...toRows(Items), ...(next !== undefined && { next }) };
    },

    async reopen(seen, dueAt, { bytes, counts }) {
      const update = toReopening(table, seen, { dueAt, shard: shard(), bytes, counts });
      if (counts.length === 0) {
        try {
          const { Attributes = {} } = await dynamo.send(
            new UpdateItemCommand({ ...update, ReturnValues: 'ALL_NEW' }),
          );
          return toUpload(Attributes);
        } catch (error) {
          if (!(error instanceof ConditionalCheckFailedException)) throw error;
          return undefined;
        }
      }
      const sources = reservations.sourcesOf({ ...seen, reserved: bytes }, { counts });
      const reasons = await transact(dynamo, [
        { Update: update },
        ...sources.map(({ share }) => reservations.toTaking(share)),
      ]);
      if (reasons !== undefined) {
        const [own, ...theirs] = reasons;
        if (hasFailed(own)) return undefined;
        for (const [at, reason] of theirs.entries()) if (hasFailed(reason)) await sources[at]?.refuse();
        throw new Error(`row ${seen.id} was not written, and nothing says why`);
      }
      const item = await readItem(dynamo, table, seen.id);
      return item && toUpload(item);
    },

    async readBackup(from, after, limit) {
      const { Items = [], LastEvaluatedKey } = await dynamo.send(
        new ScanCommand({
          TableName: from,
          Limit: limit,
          ...(after !== undefined && { ExclusiveStartKey: { id: { S: after } } }),
        }),
      );
      const next = LastEvaluatedKey?.id?.S;
      return {
        rows: Items.map((item) => {
          const [upload] = toRows([item]).uploads;
          return { id: item.id?.S ?? '', ...(upload && { upload }), item };
        }),
        ...(next !== undefined && { next }),
      };
    },

    async putBack({ item }, dueAt) {
      // Sound: readBackup above is where rows of a backup come from.
      const row = item as Record<string, AttributeValue>;
      return isDone(
        dynamo.send(
          new PutItemCommand({
            TableName: table,
            Item: {
              ...row,
              ...(dueAt !== undefined && {
                dueAt: { N: String(dueAt) },
                dueShard: row.dueShard ?? { S: shard() },
              }),
            },
            ConditionExpression: 'attribute_not_exists(id)',
          }),
        ),
      );
    },

    async blank(seen, forgetAt) {
      await isDone(
        dynamo.send(
          new UpdateItemCommand({
            TableName: table,
            Key: { id: { S: seen.id } },
            ConditionExpression: '#state = :seenState AND epoch = :seenEpoch',
            UpdateExpression:
              'SET filename = :blank, metadata = :nothing, forgetAt = :forgetAt REMOVE #reference, referenceKey, detail, inspection, scans',
            ExpressionAttributeNames: { '#state': 'state', '#reference': 'reference' },
            ExpressionAttributeValues: {
              ...toSeen(seen),
              ':blank': { S: 'erased' },
              ':nothing': { M: {} },
              ':forgetAt': { N: String(forgetAt) },
            },
          }),
        ),
      );
    },

    async forget(seen) {
      return isDone(
        dynamo.send(
          new DeleteItemCommand({
            TableName: table,
            Key: { id: { S: seen.id } },
            ConditionExpression: 'attribute_not_exists(id) OR (#state = :seenState AND epoch = :seenEpoch)',
            ExpressionAttributeNames: { '#state': 'state' },
            ExpressionAttributeValues: toSeen(seen),
          }),
        ),
      );
    },
  };
}

function toReopening(
  table: string,
  seen: Upload,
  to: Taking & { readonly dueAt: number; readonly shard: string },
) {
  const names = to.counts.map(({ counter }) => counter);
  return {
    TableName: table,
    Key: { id: { S: seen.id } },
    ConditionExpression:
      '#state = :seenState AND epoch = :seenEpoch AND (attribute_not_exists(#schema) OR #schema <= :schema)',
    // The epoch ends whatever a worker of the old one still has under way; the lease is nobody's.
    UpdateExpression:
      'SET #state = :verifying, epoch = epoch + :one, leaseEndsAt = :ended, dueAt = :dueAt, ' +
      'dueShard = if_not_exists(dueShard, :dueShard)' +
      (names.length > 0 ? ', reserved = :reserved, counters = :counters' : '') +
      ` REMOVE ${OF_A_VERDICT.map((name) => `#${name}`).join(', ')}, worker`,
    ExpressionAttributeNames: {
      '#state': 'state',
      '#schema': 'schema',
      ...Object.fromEntries(OF_A_VERDICT.map((name) => [`#${name}`, name])),
    },
    ExpressionAttributeValues: {
      ...toSeen(seen),
      ':schema': { N: String(ROW_SCHEMA) },
      ':verifying': { S: 'verifying' },
      ':one': { N: '1' },
      ':ended': { N: '0' },
      ':dueAt': { N: String(to.dueAt) },
      ':dueShard': { S: to.shard },
      ...(names.length > 0 && { ':reserved': toValue(to.bytes), ':counters': toValue(names) }),
    },
  };
}

function toSeen({ state, epoch }: Upload): Record<string, AttributeValue> {
  return { ':seenState': { S: state }, ':seenEpoch': { N: String(epoch) } };
}

/** False if a condition did not hold. Throws every other error. */
async function isDone(sent: Promise<unknown>): Promise<boolean> {
  try {
    await sent;
    return true;
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    return false;
  }
}

function toExpression({ states, policy, reason }: RowFilter) {
  const conditions: string[] = [];
  const names: Record<string, string> = {};
  const values: Record<string, AttributeValue> = {};
  if (states !== undefined) {
    names['#state'] = 'state';
    for (const [n, state] of states.entries()) values[`:state${n}`] = { S: state };
    conditions.push(`#state IN (${states.map((_state, n) => `:state${n}`).join(', ')})`);
  }
  for (const [name, value] of Object.entries({ policy, reason })) {
    if (value === undefined) continue;
    names[`#${name}`] = name;
    values[`:${name}`] = { S: value };
    conditions.push(`#${name} = :${name}`);
  }
  if (conditions.length === 0) return {};
  return {
    FilterExpression: conditions.join(' AND '),
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
  };
}
