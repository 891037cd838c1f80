import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Settings } from '../settings/values.ts';
import { type ClientExtras, clientOptions, poolFor } from './options.ts';
import { wire } from './wire.ts';

/** A DynamoDB client; as for `createS3Client`, one for each module, not for each call. */
export function createDynamoDBClient(settings: Settings, extras: ClientExtras = {}): DynamoDBClient {
  const pool = poolFor(settings, 'dynamodb');
  const client = new DynamoDBClient({
    ...clientOptions(settings, 'dynamodb', extras, pool),
    // As the SDK and boto3 do by themselves: its attempts are quick, and one more is cheap.
    ...(settings.sources.maxAttempts.kind === 'default' && { maxAttempts: 4 }),
    // Not looked for in ~/.aws/config either.
    accountIdEndpointMode: 'disabled',
    endpointDiscoveryEnabled: false,
  });
  return wire(client, pool, extras);
}
