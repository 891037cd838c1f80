import { classify } from '@sluice/connection/classify';
import { diagnose } from '@sluice/connection/doctor/diagnose';
import type { Finding } from '@sluice/connection/doctor/finding';
import { toFailure } from '@sluice/connection/doctor/network';
import { ConnectionError } from '@sluice/connection/errors/connection-error';
import type { Session } from '@sluice/connection/session';
import { describe } from '@sluice/connection/settings/resolve';
import type { World } from '../world.ts';
import { connect, toSource } from './connect.ts';
import type { StorageValues } from './options.ts';

/**
 * `diagnose`, for the session that the options ask for; settings that make no session are a finding like any
 * other.
 */
export async function* examine(
  values: StorageValues,
  bucket: string | undefined,
  world: World,
): AsyncGenerator<Finding> {
  let opened: Session;
  try {
    opened = await connect(values, world);
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error;
    yield toFailure('settings', classify(error));
    return;
  }
  using session = opened;
  yield* diagnose({
    session,
    bucket,
    sourceOf: (setting) => toSource(values, setting, describe(session.settings.sources[setting])),
    now: world.timing.now,
    signal: world.signal,
  });
}
