import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { inject } from 'vitest';
import { createGrantTable } from '../../src/lib/aws/grant-table.ts';
import { createLedger } from '../../src/lib/aws/ledger.ts';
import { grantsAtOnceContract } from './grants.contract.ts';
import { rootOf } from './root.ts';

const { table, grantsTable } = inject('aws');
const dynamo = new DynamoDBClient(rootOf(inject('aws')));

grantsAtOnceContract('the tables in DynamoDB', async () => ({
  ledger: createLedger(dynamo, table, grantsTable),
  grants: createGrantTable(dynamo, grantsTable),
}));
