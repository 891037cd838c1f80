import { classify } from '../../lib/connection/classify.ts';
import { diagnose } from '../../lib/connection/doctor/diagnose.ts';
import type { Finding } from '../../lib/connection/doctor/finding.ts';
import { toFailure } from '../../lib/connection/doctor/network.ts';
import { ConnectionError } from '../../lib/connection/errors/connection-error.ts';
import type { Session } from '../../lib/connection/session.ts';
import { describe } from '../../lib/connection/settings/resolve.ts';
import type { World } from '../world.ts';
import { connect, toSource } from './connect.ts';
import type { StorageValues } from './options.ts';

/** `diagnose`, for the session that the options ask for; settings that make no session are a finding like any other. */
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
