import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { Settings } from '../settings/values.ts';
import { type ClientExtras, clientOptions, poolFor } from './options.ts';
import { wire } from './wire.ts';

/** An EventBridge client; as for `createS3Client`, one for each module, not for each call. */
export function createEventBridgeClient(settings: Settings, extras: ClientExtras = {}): EventBridgeClient {
  const pool = poolFor(settings, 'eventbridge');
  return wire(new EventBridgeClient(clientOptions(settings, 'eventbridge', extras, pool)), pool, extras);
}
