import { DynamoDBClient, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { expect, inject, test } from 'vitest';
import { createGrantTable } from '../../src/lib/aws/grant-table.ts';
import { createLedger } from '../../src/lib/aws/ledger.ts';
import { aGrant, grantsContract } from './grants.contract.ts';
import { aRequest } from './ledger.contract.ts';
import { rootOf } from './root.ts';

const { table, grantsTable } = inject('aws');

function createClient() {
  return new DynamoDBClient(rootOf(inject('aws')));
}

function createOn(dynamo: DynamoDBClient) {
  return { ledger: createLedger(dynamo, table, grantsTable), grants: createGrantTable(dynamo, grantsTable) };
}

const dynamo = createClient();
grantsContract('the tables in DynamoDB', async () => createOn(dynamo));

// As engines and proxies do that do not know ReturnValuesOnConditionCheckFailure.
const silent = createClient();
silent.middlewareStack.add(
  (next) => async (args) => {
    try {
      return await next(args);
    } catch (error) {
      if (error instanceof TransactionCanceledException) {
        for (const reason of error.CancellationReasons ?? []) delete reason.Item;
      }
      throw error;
    }
  },
  { step: 'initialize' },
);
grantsContract('tables that leave out on which item a condition failed', async () => createOn(silent));

/** A client that loses the reply to each transaction once, after it was committed. */
function createForgetful() {
  const forgetful = createClient();
  const lost = { replies: 0 };
  let loses = true;
  forgetful.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const answer = await next(args);
        if (commandName !== 'TransactWriteItemsCommand') return answer;
        loses = !loses;
        if (loses) return answer;
        lost.replies += 1;
        throw Object.assign(new Error('socket hang up'), { name: 'TimeoutError', code: 'ECONNRESET' });
      },
    { step: 'deserialize', priority: 'low' },
  );
  return { ...createOn(forgetful), lost };
}

test('a transaction whose reply is lost takes and gives back once', async () => {
  const { ledger, grants, lost } = createForgetful();
  const grant = aGrant({ uploads: 1, bytes: 7 });
  await grants.record(grant);
  const taken = async () => {
    const { takenUploads, takenBytes } = (await grants.read(grant.id)) ?? {};
    return [takenUploads, takenBytes];
  };
  const row = aRequest({ grantId: grant.id, reserved: 7 });
  expect(await ledger.record(row, { grant })).toEqual({ created: true, upload: row });
  expect(await taken()).toEqual([1, 7]);
  expect(await ledger.move(row, 'aborted', {})).toMatchObject({ moved: true, upload: { state: 'aborted' } });
  expect(await taken()).toEqual([0, 0]);
  expect(lost.replies).toBe(2);
});
