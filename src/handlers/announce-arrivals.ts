// POST /arrivals: a store that cannot write to the queue tells what has arrived. Nothing is verified here: it
// is queued.
import { Refusal } from '@sluice/contract/refusals';
import { entryPoint } from '../lib/entry.ts';
import { openFunction } from '../lib/http/http-function.ts';
import { json } from '../lib/http/json.ts';
import { parsePushed } from '../lib/http/parse-pushed.ts';
import type { PushSecrets } from '../lib/http/push-secrets.ts';
import type { Arrival } from '../lib/intake/records.ts';
import { logger } from '../lib/log/logger.ts';
import { announceArrivals, pushSecrets } from '../lib/wiring/arrivals.ts';
import { incomingBucket } from '../lib/wiring/stores.ts';

type AnnounceDeps = {
  /** none where this deployment takes no pushed notifications */
  readonly secrets: PushSecrets | undefined;
  readonly incomingBucket: string;
  readonly announce: (arrivals: readonly Arrival[]) => Promise<void>;
};

export function createHandler({ secrets, incomingBucket, announce }: AnnounceDeps) {
  return openFunction().handler(async (event) => {
    if (secrets === undefined) throw new Refusal('push_not_offered');
    if (!(await secrets.know(event.headers.authorization))) throw new Refusal('push_secret_wrong');
    const told = parsePushed(event);
    // Some stores tell of every bucket that they have, ours that Sluice writes to included.
    const arrivals = told.filter(({ bucket }) => bucket === incomingBucket);
    if (arrivals.length > 0) await announce(arrivals);
    logger.info('arrivals announced', { announced: arrivals.length, told: told.length });
    return json(202, { announced: arrivals.length });
  });
}

export const handler = entryPoint(createHandler, {
  secrets: pushSecrets,
  incomingBucket,
  announce: announceArrivals,
});
