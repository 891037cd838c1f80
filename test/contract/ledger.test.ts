import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { inject } from 'vitest';
import { createLedger } from '../../src/lib/aws/ledger.ts';
import { ledgerContract } from './ledger.contract.ts';
import { rootOf } from './root.ts';

const { table, grantsTable } = inject('aws');
const dynamo = new DynamoDBClient(rootOf(inject('aws')));

ledgerContract('the table in DynamoDB', async () => createLedger(dynamo, table, grantsTable));

// As engines and proxies do that do not know ReturnValuesOnConditionCheckFailure.
const silent = new DynamoDBClient(rootOf(inject('aws')));
silent.middlewareStack.add(
  (next) => async (args) => {
    try {
      return await next(args);
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) delete error.Item;
      throw error;
    }
  },
  { step: 'initialize' },
);

ledgerContract('a table that leaves out on which item a condition failed', async () =>
  createLedger(silent, table, grantsTable),
);
