import { createDynamoDBClient } from '@sluice/connection/clients/dynamodb';
import type { Settings } from '@sluice/connection/settings/values';
import { createGrantReader, type GrantReader } from '../grant/read.ts';
import { createGrantTokens } from '../grant/token.ts';
import { createTokenKeys } from '../grant/token-keys.ts';
import { logger } from '../log/logger.ts';
import { createGrantTable } from './grant-table.ts';
import { createPairReader } from './secret.ts';

/** Where grants are, and the keys that their tokens are signed with. */
export type GrantPlaces = { readonly table: string; readonly keysSecret: string };

/** Reads tokens of grants. Make it once. */
export function openGrantReader(settings: Settings, { table, keysSecret }: GrantPlaces): GrantReader {
  return createGrantReader({
    grants: createGrantTable(createDynamoDBClient(settings), table),
    keys: createTokenKeys({
      read: createPairReader(settings, keysSecret, 'the secret of the upload sessions'),
      create: createGrantTokens,
      now: Date.now,
      onFailure: (error) => logger.warn('keys of the sessions not read', { error }),
    }),
    now: Date.now,
  });
}
