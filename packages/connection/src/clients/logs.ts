import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { Settings } from '../settings/values.ts';
import { type ClientExtras, clientOptions, poolFor } from './options.ts';
import { wire } from './wire.ts';

/** A client of CloudWatch Logs; as for `createS3Client`, one for each module, not for each call. */
export function createLogsClient(settings: Settings, extras: ClientExtras = {}): CloudWatchLogsClient {
  const pool = poolFor(settings, 'logs');
  return wire(new CloudWatchLogsClient(clientOptions(settings, 'logs', extras, pool)), pool, extras);
}
