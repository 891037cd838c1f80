import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { inject } from 'vitest';
import { createCounterTable } from '../../src/lib/aws/counter-table.ts';
import { createGrantTable } from '../../src/lib/aws/grant-table.ts';
import { createLedger } from '../../src/lib/aws/ledger.ts';
import { drawShard } from '../../src/lib/aws/ledger-item.ts';
import { createRecordTogether } from '../../src/lib/aws/ledger-together.ts';
import { rootOf } from './root.ts';
import { togetherContract } from './together.contract.ts';

const { table, grantsTable } = inject('aws');
const dynamo = new DynamoDBClient(rootOf(inject('aws')));

togetherContract('the tables in DynamoDB', async () => ({
  ledger: createLedger(dynamo, table, grantsTable),
  recordTogether: createRecordTogether(dynamo, { ledger: table, grants: grantsTable }, drawShard),
  grants: createGrantTable(dynamo, grantsTable),
  counters: createCounterTable(dynamo, grantsTable),
}));
