import { type BatchClient, createBatchClient } from '@sluice/client/batch';
import { BATCH_MAX_UPLOADS } from '@sluice/contract/batch';
import type { ExitCode } from './exit.ts';
import { type Report, toReport } from './report.ts';
import type { Target } from './target.ts';
import type { World } from './world.ts';

/** What one id came to. */
export type Outcome<T> =
  | { readonly id: string; readonly value: T }
  | { readonly id: string; readonly exit: ExitCode; readonly error: Omit<Report, 'exit'> };

/**
 * Does something with each upload, as many at once as one call takes, and gives what each came to in their
 * order. One that fails does not keep the others from being done; an abort ends them all, by throwing.
 */
export async function* eachId<T>(
  target: Target,
  world: World,
  ids: readonly string[],
  work: (client: BatchClient, id: string) => Promise<T>,
): AsyncGenerator<Outcome<T>> {
  const client = createBatchClient({ ...target, timing: world.timing });
  for (let at = 0; at < ids.length; at += BATCH_MAX_UPLOADS) {
    const some = ids.slice(at, at + BATCH_MAX_UPLOADS);
    const results = await Promise.allSettled(some.map((id) => work(client, id)));
    world.signal.throwIfAborted();
    for (const [n, id] of some.entries()) {
      const result = results[n];
      if (result?.status === 'fulfilled') yield { id, value: result.value };
      if (result?.status !== 'rejected') continue;
      const { exit, ...error } = toReport(result.reason, target.stack !== undefined);
      yield { id, exit, error };
    }
  }
}
