import { createDynamoDBClient } from '@sluice/connection/clients/dynamodb';
import type { Settings } from '@sluice/connection/settings/values';
import { Refusal, type RefusalCode } from '@sluice/contract/refusals';
import { createGrantReader, type GrantReader } from '../grant/read.ts';
import { createGrantTokens } from '../grant/token.ts';
import { createTokenKeys } from '../grant/token-keys.ts';
import { logger } from '../log/logger.ts';
import { createGrantTable } from './grant-table.ts';
import { createPairReader } from './secret.ts';

/** Where grants are, and the keys that their tokens are signed with. */
export type GrantPlaces = { readonly table: string; readonly keysSecret: string };

/** What a token says, or why it is refused. */
export type GrantAnswer =
  | Awaited<ReturnType<GrantReader>>
  | { readonly refused: RefusalCode; readonly why: string };

/**
 * Reads tokens of grants. A refusal is returned: this is a bundle of its own, and whoever caught it would not
 * know its class. Make it once.
 */
export function openGrantReader(
  settings: Settings,
  { table, keysSecret }: GrantPlaces,
): (token: string) => Promise<GrantAnswer> {
  const read = createGrantReader({
    grants: createGrantTable(createDynamoDBClient(settings), table),
    keys: createTokenKeys({
      read: createPairReader(settings, keysSecret, 'the secret of the upload sessions'),
      create: createGrantTokens,
      now: Date.now,
      onFailure: (error) => logger.warn('keys of the sessions not read', { error }),
    }),
    now: Date.now,
  });
  return async (token) => {
    try {
      return await read(token);
    } catch (error) {
      if (error instanceof Refusal) return { refused: error.code, why: error.message };
      throw error;
    }
  };
}
