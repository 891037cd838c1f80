import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  type Put,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { isSettled, isWaiting } from '@sluice/contract/state';
import type { Upload } from '@sluice/contract/upload';
import { type Settlement, toSettlement } from '../quota/refund.ts';
import type { Changes, Claim, Ledger } from '../upload/ports.ts';
import { ROW_SCHEMA } from '../upload/row.ts';
import { toItem, toUpload, toValue } from './ledger-item.ts';
import { type LedgerReader, readItem } from './ledger-reader.ts';
import { createRecordScan } from './ledger-scans.ts';
import { createShare } from './ledger-share.ts';
import { createReservations } from './reservation.ts';
import { hasFailed, transact } from './transact.ts';

type Writer = Omit<Ledger, keyof LedgerReader>;

type Lease = Omit<Parameters<Ledger['claim']>[1], 'dueAt' | 'dueBetween'>;

// A row that was not due for a while, such as that of an accepted upload, has lost its shard.
const SET_DUE_SHARD = 'dueShard = if_not_exists(dueShard, :dueShard)';

/**
 * What changes the ledger on DynamoDB: one conditional write per change, and where a grant or a counter is in
 * it, one transaction.
 * @param shard the due shard of the next row that needs one
 */
export function createLedgerWriter(
  dynamo: DynamoDBClient,
  tables: { readonly ledger: string; readonly grants: string },
  shard: () => string,
): Writer {
  const table = tables.ledger;
  const reservations = createReservations(dynamo, tables.grants);

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

  /**
   * The item on which a condition failed; undefined if there is none. If an engine or a proxy leaves it out
   * of its answer, that does not mean that it is missing: then it is read. Throws every other error.
   */
  const itemThatStands = async (
    error: unknown,
    id: string,
  ): Promise<Record<string, AttributeValue> | undefined> => {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    return error.Item ?? (await readItem(dynamo, table, id));
  };

  const rowThatStands = async (error: unknown, id: string): Promise<Upload | undefined> => {
    const item = await itemThatStands(error, id);
    return item && toUpload(item);
  };

  const takeUnderLease = async (
    id: string,
    { key, versionId, worker, now, leaseEndsAt }: Lease,
    due: { condition?: string; update?: string; values: Record<string, AttributeValue> },
  ): Promise<Claim> => {
    const { Attributes = {} } = await dynamo.send(
      new UpdateItemCommand({
        TableName: table,
        Key: { id: { S: id } },
        ConditionExpression:
          '#key = :key AND (#state = :requested OR (#state = :verifying AND leaseEndsAt < :now)) AND ' +
          `(attribute_not_exists(#schema) OR #schema <= :schema)${due.condition ?? ''}`,
        UpdateExpression:
          'SET #state = :verifying, epoch = epoch + :one, worker = :worker, leaseEndsAt = :leaseEndsAt' +
          (due.update ?? '') +
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
          ':schema': { N: String(ROW_SCHEMA) },
          ...(versionId !== undefined && { ':versionId': { S: versionId } }),
          ...due.values,
        },
        ReturnValues: 'ALL_NEW',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    );
    return { kind: 'claimed', upload: toUpload(Attributes) };
  };

  return {
    async record(upload, from) {
      const put: Put = {
        TableName: table,
        Item: toItem(upload, shard()),
        ConditionExpression: 'attribute_not_exists(id)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      };
      const sources = reservations.sourcesOf(upload, from);
      if (sources.length > 0) {
        const reasons = await transact(dynamo, [
          { Put: put },
          ...sources.map(({ share }) => reservations.toTaking(share)),
        ]);
        if (reasons === undefined) return { created: true, upload };
        const [own, ...theirs] = reasons;
        // The row comes first: a repeated call is answered, though what it took from may be used up.
        const taken = hasFailed(own) ? (own?.Item ?? (await readItem(dynamo, table, upload.id))) : undefined;
        if (taken !== undefined) return toRecorded(upload, toUpload(taken));
        for (const [at, reason] of theirs.entries()) if (hasFailed(reason)) await sources[at]?.refuse();
        throw new Error(`row ${upload.id} was there, and is gone`);
      }
      try {
        await dynamo.send(new PutItemCommand(put));
        return { created: true, upload };
      } catch (error) {
        const taken = await rowThatStands(error, upload.id);
        if (taken === undefined) throw error;
        return toRecorded(upload, taken);
      }
    },

    async claim(id, { dueAt, dueBetween, ...lease }): Promise<Claim> {
      if (dueBetween !== undefined) {
        const [from, to] = dueBetween;
        try {
          return await takeUnderLease(id, lease, {
            condition: ' AND dueAt BETWEEN :from AND :to',
            values: { ':from': { N: String(from) }, ':to': { N: String(to) } },
          });
        } catch (error) {
          const item = await itemThatStands(error, id);
          const claim = item === undefined ? ({ kind: 'unknown' } as const) : toClaim(item, lease);
          if (claim !== undefined) return claim;
        }
      }
      try {
        return await takeUnderLease(id, lease, {
          update: `, dueAt = :dueAt, ${SET_DUE_SHARD}`,
          values: { ':dueAt': { N: String(dueAt) }, ':dueShard': { S: shard() } },
        });
      } catch (error) {
        const item = await itemThatStands(error, id);
        if (item === undefined) return { kind: 'unknown' };
        // Where it could be claimed now, another worker had it a moment ago.
        return toClaim(item, lease) ?? { kind: 'busy', upload: toUpload(item) };
      }
    },

    async move(seen, to, changes) {
      const { set, remove, values, names } = toUpdate(changes, shard);
      const settlement = toSettlement(seen, to, changes.evidence);
      const given = toGiven(settlement);
      const isFree = to === 'verifying';
      const removed = [...(isFree ? [] : ['leaseEndsAt']), ...remove, ...given.remove];
      const update = {
        TableName: table,
        Key: { id: { S: seen.id } },
        ConditionExpression: '#state = :seenState AND epoch = :seenEpoch',
        UpdateExpression:
          `SET ${['#state = :to', ...(isFree ? ['leaseEndsAt = :ended'] : []), ...set, ...given.set].join(', ')}` +
          (removed.length === 0 ? '' : ` REMOVE ${removed.join(', ')}`),
        ExpressionAttributeNames: { '#state': 'state', ...names },
        ExpressionAttributeValues: {
          ':seenState': { S: seen.state },
          ':seenEpoch': { N: String(seen.epoch) },
          ':to': { S: to },
          ...(isFree && { ':ended': { N: '0' } }),
          ...values,
          ...given.values,
        },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      } as const;
      let refunds = settlement?.refunds ?? [];
      while (refunds.length > 0) {
        const givings = refunds.map(reservations.toGivingBack);
        const reasons = await transact(dynamo, [{ Update: update }, ...givings]);
        if (reasons === undefined || hasFailed(reasons[0])) {
          const item = reasons?.[0]?.Item ?? (await readItem(dynamo, table, seen.id));
          const upload = item && toUpload(item);
          const isOurs = upload?.state === to && upload.epoch === seen.epoch;
          // What we have just moved may have moved on since.
          return { moved: reasons === undefined || isOurs, upload };
        }
        // One of them is gone, or has nothing to give back to: the upload is settled all the same.
        refunds = refunds.filter((_, at) => !hasFailed(reasons[at + 1]));
      }
      try {
        const { Attributes = {} } = await dynamo.send(
          new UpdateItemCommand({ ...update, ReturnValues: 'ALL_NEW' }),
        );
        return { moved: true, upload: toUpload(Attributes) };
      } catch (error) {
        const upload = await rowThatStands(error, seen.id);
        return { moved: upload?.state === to && upload.epoch === seen.epoch, upload };
      }
    },

    recordScan: createRecordScan(dynamo, table),

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
      const isDueLater = upload.dueAt !== undefined && upload.dueAt >= dueAt;
      return changeIfAsSeen(
        upload,
        isDueLater ? 'SET leaseEndsAt = :leaseEndsAt' : 'SET leaseEndsAt = :leaseEndsAt, dueAt = :dueAt',
        {
          ':leaseEndsAt': { N: String(leaseEndsAt) },
          ...(!isDueLater && { ':dueAt': { N: String(dueAt) } }),
        },
      );
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
  };
}

/** What a settlement changes in the row itself. */
function toGiven(settlement: Settlement | undefined) {
  if (settlement === undefined) return { set: [], values: {}, remove: [] };
  const { counters } = settlement;
  return counters.length === 0
    ? { set: [], values: {}, remove: ['reserved', 'counters'] }
    : { set: ['counters = :counters'], values: { ':counters': toValue(counters) }, remove: ['reserved'] };
}

/** What comes of recording a row whose id is taken. */
function toRecorded(upload: Upload, taken: Upload): { readonly created: boolean; readonly upload: Upload } {
  // Our own reply was lost, and the retry met our own row.
  const isOurs = taken.correlationId === upload.correlationId && taken.createdAt === upload.createdAt;
  return { created: isOurs, upload: taken };
}

/** What a row says to a worker that could not claim it; undefined if it may be claimed. */
function toClaim(item: Record<string, AttributeValue>, { key, worker, now }: Lease): Claim | undefined {
  if (item.key?.S !== key) return { kind: 'unknown' };
  const upload = toUpload(item);
  if (isWaiting(upload.state)) return { kind: 'waiting', upload };
  if (isSettled(upload.state)) return { kind: 'settled', upload };
  if (upload.state === 'requested') return undefined;
  // Our own reply was lost, and the SDK's retry met our own lease.
  if (item.worker?.S === worker) return { kind: 'claimed', upload };
  return Number(item.leaseEndsAt?.N) < now ? undefined : { kind: 'busy', upload };
}

function toUpdate(changes: Changes, shard: () => string) {
  const { dueAt, detail, ...fields } = changes;
  const isDue = typeof dueAt === 'number';
  const set: string[] = isDue ? [SET_DUE_SHARD] : [];
  const values: Record<string, AttributeValue> = isDue ? { ':dueShard': { S: shard() } } : {};
  const names: Record<string, string> = {};
  for (const [name, value] of Object.entries({
    ...fields,
    ...(typeof detail === 'string' && { detail }),
    ...(isDue && { dueAt }),
  })) {
    if (value === undefined) continue;
    set.push(`#${name} = :${name}`);
    names[`#${name}`] = name;
    values[`:${name}`] = toValue(value);
  }
  const remove = [...(dueAt === null ? ['dueAt', 'dueShard'] : []), ...(detail === null ? ['detail'] : [])];
  return { set, values, names, remove };
}
