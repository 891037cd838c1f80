import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Ledger } from '../upload/ports.ts';
import { INDEXES, type LedgerIndexes } from './ledger-indexes.ts';
import { drawShard } from './ledger-item.ts';
import { createLedgerReader } from './ledger-reader.ts';
import { createLedgerWriter } from './ledger-writer.ts';

/**
 * The ledger on DynamoDB: one item per upload (see infra/ledger.yml for its indexes).
 * @param grants the table of grants and counters, which uploads take from and give back to
 */
export function createLedger(
  dynamo: DynamoDBClient,
  table: string,
  grants: string,
  indexes: LedgerIndexes = INDEXES,
): Ledger {
  return {
    ...createLedgerReader(dynamo, table, indexes),
    ...createLedgerWriter(dynamo, { ledger: table, grants }, drawShard),
  };
}
