import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { inject } from 'vitest';
import { createCounterTable } from '../../src/lib/aws/counter-table.ts';
import { createGrantTable } from '../../src/lib/aws/grant-table.ts';
import { createLedger } from '../../src/lib/aws/ledger.ts';
import { countersAtOnceContract } from './counters.contract.ts';
import { rootOf } from './root.ts';

const { table, grantsTable } = inject('aws');
const dynamo = new DynamoDBClient(rootOf(inject('aws')));

countersAtOnceContract('the tables in DynamoDB', async () => ({
  ledger: createLedger(dynamo, table, grantsTable),
  grants: createGrantTable(dynamo, grantsTable),
  counters: createCounterTable(dynamo, grantsTable),
}));
