import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Settings } from '../settings/values.ts';
import { type ClientExtras, clientOptions, poolFor } from './options.ts';
import { wire } from './wire.ts';

/** A Secrets Manager client; as for `createS3Client`, one for each module, not for each call. */
export function createSecretsManagerClient(
  settings: Settings,
  extras: ClientExtras = {},
): SecretsManagerClient {
  const pool = poolFor(settings, 'secretsmanager');
  return wire(
    new SecretsManagerClient(clientOptions(settings, 'secretsmanager', extras, pool)),
    pool,
    extras,
  );
}
