import { SQSClient } from '@aws-sdk/client-sqs';
import type { Settings } from '../settings/values.ts';
import { type ClientExtras, clientOptions, poolFor } from './options.ts';
import { wire } from './wire.ts';

/** An SQS client; as for `createS3Client`, one for each module, not for each call. */
export function createSQSClient(settings: Settings, extras: ClientExtras = {}): SQSClient {
  const pool = poolFor(settings, 'sqs');
  return wire(new SQSClient(clientOptions(settings, 'sqs', extras, pool)), pool, extras);
}
