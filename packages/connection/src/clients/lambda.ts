import { LambdaClient } from '@aws-sdk/client-lambda';
import type { Settings } from '../settings/values.ts';
import { type ClientExtras, clientOptions, poolFor } from './options.ts';
import { wire } from './wire.ts';

/** A Lambda client; as for `createS3Client`, one for each module, not for each call. */
export function createLambdaClient(settings: Settings, extras: ClientExtras = {}): LambdaClient {
  const pool = poolFor(settings, 'lambda');
  return wire(new LambdaClient(clientOptions(settings, 'lambda', extras, pool)), pool, extras);
}
