import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { Refusal } from '@sluice/contract/refusals';
import type { Upload } from '@sluice/contract/upload';
import type { Changes, Claim, Ledger, Page } from '../upload/ports.ts';
import { ROW_SCHEMA } from '../upload/row.ts';
import { DUE_SHARDS, drawShard, ownerKey, toItem, toRows, toUpload, toValue } from './ledger-item.ts';
import { createShare } from './ledger-share.ts';

const DUE_PAGE_ROWS = 25;

// A row that was not due for a while, such as that of an accepted upload, has lost its shard.
const SET_DUE_SHARD = 'dueShard = if_not_exists(dueShard, :dueShard)';

/**
 * The ledger on DynamoDB: one item per upload, one conditional write per change (see infra/ledger.yml for its
 * indexes).
 * @param shard the due shard of the next row that needs one
 */
export function createLedger(dynamo: DynamoDBClient, table: string, shard = drawShard): Ledger {
  /** One small change to a row; false, and no change, if the row has moved since it was seen. */
  const changeIfAsSeen = async (
    seen: Upload,
    update: string,
    values: Record<string, AttributeValue>,
    condition = '',
  ): Promise<boolean> => {
    try {
      await dynamo.send(
        new UpdateItemCommand({
          TableName: table,
          Key: { id: { S: seen.id } },
          ConditionExpression: `#state = :seenState AND epoch = :seenEpoch${condition}`,
          UpdateExpression: update,
          ExpressionAttributeNames: { '#state': 'state' },
          ExpressionAttributeValues: {
            ':seenState': { S: seen.state },
            ':seenEpoch': { N: String(seen.epoch) },
            ...values,
          },
        }),
      );
      return true;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return false;
    }
  };

  const readItem = async (id: string): Promise<Record<string, AttributeValue> | undefined> => {
    const { Item } = await dynamo.send(
      new GetItemCommand({ TableName: table, Key: { id: { S: id } }, ConsistentRead: true }),
    );
    return Item;
  };

  /**
   * The item on which a condition failed; undefined if there is none. If an engine or a proxy leaves it out
   * of its answer, that does not mean that it is missing: then it is read. Throws every other error.
   */
  const itemThatStands = async (
    error: unknown,
    id: string,
  ): Promise<Record<string, AttributeValue> | undefined> => {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    return error.Item ?? (await readItem(id));
  };

  const rowThatStands = async (error: unknown, id: string): Promise<Upload | undefined> => {
    const item = await itemThatStands(error, id);
    return item && toUpload(item);
  };

  return {
    async record(upload) {
      try {
        await dynamo.send(
          new PutItemCommand({
            TableName: table,
            Item: toItem(upload, shard()),
            ConditionExpression: 'attribute_not_exists(id)',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        );
        return { created: true, upload };
      } catch (error) {
        const taken = await rowThatStands(error, upload.id);
        // Our own reply was lost, and the SDK's retry met our own row.
        if (taken?.correlationId === upload.correlationId && taken.createdAt === upload.createdAt) {
          return { created: true, upload: taken };
        }
        if (taken === undefined) throw error;
        return { created: false, upload: taken };
      }
    },

    async read(id) {
      const item = await readItem(id);
      return item && toUpload(item);
    },

    async list({ tenant, subject }, { limit, state, cursor }): Promise<Page> {
      const owner = ownerKey(tenant, subject);
      const { Items = [], LastEvaluatedKey } = await dynamo.send(
        new QueryCommand({
          TableName: table,
          IndexName: 'by-owner',
          KeyConditionExpression: 'ownerKey = :owner',
          ...(state && {
            FilterExpression: '#state = :state',
            ExpressionAttributeNames: { '#state': 'state' },
          }),
          ExpressionAttributeValues: { ':owner': { S: owner }, ...(state && { ':state': { S: state } }) },
          ScanIndexForward: false,
          Limit: limit,
          ...(cursor && { ExclusiveStartKey: fromCursor(owner, cursor) }),
        }),
      );
      return { ...toRows(Items), ...(LastEvaluatedKey && { cursor: toCursor(LastEvaluatedKey) }) };
    },

    async claim(id, { key, versionId, worker, now, leaseEndsAt, dueAt }): Promise<Claim> {
      try {
        const { Attributes = {} } = await dynamo.send(
          new UpdateItemCommand({
            TableName: table,
            Key: { id: { S: id } },
            ConditionExpression:
              '#key = :key AND (#state = :requested OR (#state = :verifying AND leaseEndsAt < :now)) AND ' +
              '(attribute_not_exists(#schema) OR #schema <= :schema)',
            UpdateExpression:
              'SET #state = :verifying, epoch = epoch + :one, worker = :worker, leaseEndsAt = :leaseEndsAt, dueAt = :dueAt, ' +
              SET_DUE_SHARD +
              (versionId === undefined ? '' : ', versionId = if_not_exists(versionId, :versionId)'),
            ExpressionAttributeNames: { '#key': 'key', '#state': 'state', '#schema': 'schema' },
            ExpressionAttributeValues: {
              ':key': { S: key },
              ':requested': { S: 'requested' },
              ':verifying': { S: 'verifying' },
              ':one': { N: '1' },
              ':worker': { S: worker },
              ':now': { N: String(now) },
              ':leaseEndsAt': { N: String(leaseEndsAt) },
              ':dueAt': { N: String(dueAt) },
              ':dueShard': { S: shard() },
              ':schema': { N: String(ROW_SCHEMA) },
              ...(versionId !== undefined && { ':versionId': { S: versionId } }),
            },
            ReturnValues: 'ALL_NEW',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        );
        return { kind: 'claimed', upload: toUpload(Attributes) };
      } catch (error) {
        const item = await itemThatStands(error, id);
        if (item === undefined || item.key?.S !== key) return { kind: 'unknown' };
        const upload = toUpload(item);
        if (upload.state !== 'requested' && upload.state !== 'verifying') return { kind: 'settled', upload };
        return item.worker?.S === worker ? { kind: 'claimed', upload } : { kind: 'busy', upload };
      }
    },

    async move(seen, to, changes) {
      const { set, remove, values, names } = toUpdate(changes, shard);
      try {
        const { Attributes = {} } = await dynamo.send(
          new UpdateItemCommand({
            TableName: table,
            Key: { id: { S: seen.id } },
            ConditionExpression: '#state = :seenState AND epoch = :seenEpoch',
            UpdateExpression: `SET ${['#state = :to', ...set].join(', ')} REMOVE ${['leaseEndsAt', ...remove].join(', ')}`,
            ExpressionAttributeNames: { '#state': 'state', ...names },
            ExpressionAttributeValues: {
              ':seenState': { S: seen.state },
              ':seenEpoch': { N: String(seen.epoch) },
              ':to': { S: to },
              ...values,
            },
            ReturnValues: 'ALL_NEW',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        );
        return { moved: true, upload: toUpload(Attributes) };
      } catch (error) {
        const upload = await rowThatStands(error, seen.id);
        return { moved: upload?.state === to && upload.epoch === seen.epoch, upload };
      }
    },

    share: createShare(dynamo, table),

    async postpone(seen, dueAt) {
      await (dueAt === null
        ? changeIfAsSeen(seen, 'REMOVE dueAt, dueShard', {})
        : changeIfAsSeen(seen, `SET dueAt = :dueAt, ${SET_DUE_SHARD}`, {
            ':dueAt': { N: String(dueAt) },
            ':dueShard': { S: shard() },
          }));
    },

    async renew(upload, { leaseEndsAt, dueAt }) {
      return changeIfAsSeen(upload, 'SET leaseEndsAt = :leaseEndsAt, dueAt = :dueAt', {
        ':leaseEndsAt': { N: String(leaseEndsAt) },
        ':dueAt': { N: String(dueAt) },
      });
    },

    async begin(seen, by) {
      const isBegun = 'multipart' in by;
      return changeIfAsSeen(
        seen,
        isBegun ? 'SET multipart = :begun REMOVE beginsAt' : 'SET beginsAt = :begun',
        {
          ':begun': toValue(isBegun ? by.multipart : by.beginsAt),
          ':seenBeginsAt': toValue(seen.beginsAt ?? null),
        },
        ' AND attribute_not_exists(multipart) AND attribute_exists(beginsAt) AND beginsAt = :seenBeginsAt',
      );
    },

    async explain(seen, detail) {
      await changeIfAsSeen(seen, 'SET detail = :detail', { ':detail': { S: detail } });
    },

    async release(upload, versionId) {
      await changeIfAsSeen(
        upload,
        versionId === undefined
          ? 'SET leaseEndsAt = :ended'
          : 'SET leaseEndsAt = :ended, versionId = :versionId',
        { ':ended': { N: '0' }, ...(versionId !== undefined && { ':versionId': { S: versionId } }) },
      );
    },

    async *due(now) {
      // A page of each shard in turn, the oldest rows first, and every minute begins with another shard: even
      // a run that is cut short has been to all of them, however full one shard is.
      const first = Math.floor(now / 60_000) % DUE_SHARDS.length;
      let open: readonly DuePage[] = [...DUE_SHARDS.slice(first), ...DUE_SHARDS.slice(0, first)].map(
        (name) => ({
          name,
        }),
      );
      while (open.length > 0) {
        const further: DuePage[] = [];
        for (const { name, startKey } of open) {
          const { Items = [], LastEvaluatedKey } = await dynamo.send(
            new QueryCommand({
              TableName: table,
              IndexName: 'by-due',
              KeyConditionExpression: 'dueShard = :shard AND dueAt <= :now',
              ExpressionAttributeValues: { ':shard': { S: name }, ':now': { N: String(now) } },
              Limit: DUE_PAGE_ROWS,
              ...(startKey && { ExclusiveStartKey: startKey }),
            }),
          );
          if (Items.length > 0) yield toRows(Items);
          if (LastEvaluatedKey) further.push({ name, startKey: LastEvaluatedKey });
        }
        open = further;
      }
    },
  };
}

/** A shard, and where its next page begins. */
type DuePage = { readonly name: string; readonly startKey?: Record<string, AttributeValue> };

function toUpdate(changes: Changes, shard: () => string) {
  const { dueAt, ...fields } = changes;
  const isDue = typeof dueAt === 'number';
  const set: string[] = isDue ? [SET_DUE_SHARD] : [];
  const values: Record<string, AttributeValue> = isDue ? { ':dueShard': { S: shard() } } : {};
  const names: Record<string, string> = {};
  for (const [name, value] of Object.entries({ ...fields, ...(isDue && { dueAt }) })) {
    if (value === undefined) continue;
    set.push(`#${name} = :${name}`);
    names[`#${name}`] = name;
    values[`:${name}`] = toValue(value);
  }
  return { set, values, names, remove: dueAt === null ? ['dueAt', 'dueShard'] : [] };
}

// The owner is not part of the cursor, so that nobody can make one that reads another's rows.
function toCursor(key: Record<string, AttributeValue>): string {
  return Buffer.from(key.createdAtId?.S ?? '').toString('base64url');
}

function fromCursor(owner: string, cursor: string): Record<string, AttributeValue> {
  const position = Buffer.from(cursor, 'base64url').toString();
  const id = /^\d{15}#([0-9a-f-]{36})$/.exec(position)?.[1];
  if (id === undefined) throw new Refusal('cursor_invalid', { field: 'cursor' });
  return { ownerKey: { S: owner }, createdAtId: { S: position }, id: { S: id } };
}
