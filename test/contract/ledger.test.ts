import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { inject } from 'vitest';
import { createLedger } from '../../src/lib/aws/ledger.ts';
import { ledgerContract } from './ledger.contract.ts';
import { rootOf } from './root.ts';

const { table } = inject('aws');
const dynamo = new DynamoDBClient(rootOf(inject('aws')));

ledgerContract('the table in DynamoDB', async () => createLedger(dynamo, table));
