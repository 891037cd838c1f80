import { STSClient } from '@aws-sdk/client-sts';
import type { Settings } from '../settings/values.ts';
import { type ClientExtras, clientOptions, poolFor } from './options.ts';
import { wire } from './wire.ts';

/** An STS client; as for `createS3Client`, one for each module, not for each call. */
export function createSTSClient(settings: Settings, extras: ClientExtras = {}): STSClient {
  const pool = poolFor(settings, 'sts');
  return wire(new STSClient(clientOptions(settings, 'sts', extras, pool)), pool, extras);
}
