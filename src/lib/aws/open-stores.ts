import { logger } from '../log/logger.ts';
import type { Environment } from '../settings.ts';
import { createSecretReader } from './secret.ts';
import { settleStores } from './settle-stores.ts';
import { createStoreKeys, roleKeys, type Stores } from './stores.ts';

/**
 * Where this deployment's buckets are: AWS, or the S3 that its parameters name, by the keys of its secret.
 */
export function openStores(environment: Environment): Stores {
  const place = environment.place();
  const settled = settleStores(environment);
  if (place === undefined) return { ...settled, keys: roleKeys(environment.connection()) };
  const keys = createStoreKeys({
    read: createSecretReader(environment.connection(), place.keysSecret, 'the secret of the buckets'),
    now: Date.now,
    onFailure: (error) => logger.warn('keys of the buckets not read', { error }),
  });
  return { ...settled, keys };
}
