import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { inject } from 'vitest';
import { createLedger } from '../../src/lib/aws/ledger.ts';
import { ledgerContract } from './ledger.contract.ts';
import { rootOf } from './root.ts';

const { table } = inject('stack');
const dynamo = new DynamoDBClient(rootOf(inject('stack')));

ledgerContract('the table in DynamoDB', async () => createLedger(dynamo, table));
