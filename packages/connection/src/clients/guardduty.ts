import { GuardDutyClient } from '@aws-sdk/client-guardduty';
import type { Settings } from '../settings/values.ts';
import { type ClientExtras, clientOptions, poolFor } from './options.ts';
import { wire } from './wire.ts';

/** A GuardDuty client; as for `createS3Client`, one for each module, not for each call. */
export function createGuardDutyClient(settings: Settings, extras: ClientExtras = {}): GuardDutyClient {
  const pool = poolFor(settings, 'guardduty');
  return wire(new GuardDutyClient(clientOptions(settings, 'guardduty', extras, pool)), pool, extras);
}
