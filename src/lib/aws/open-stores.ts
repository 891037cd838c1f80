import type { Settings } from '@sluice/connection/settings/values';
import { logger } from '../log/logger.ts';
import { readPlace } from '../settings.ts';
import { createSecretReader } from './secret.ts';
import { settleStores } from './settle-stores.ts';
import { createStoreKeys, roleKeys, type Stores } from './stores.ts';

/** Where this deployment's buckets are: AWS, or the S3 that its parameters name, by the keys of its secret. */
export function openStores(connection: Settings): Stores {
  const place = readPlace();
  const settled = settleStores(connection, place);
  if (place === undefined) return { ...settled, keys: roleKeys(connection) };
  const keys = createStoreKeys({
    read: createSecretReader(connection, place.keysSecret, 'the secret of the buckets'),
    now: Date.now,
    onFailure: (error) => logger.warn('keys of the buckets not read', { error: error as Error }),
  });
  return { ...settled, keys };
}
