import type { Counter } from '@sluice/contract/quota';
import { isSettled, type State } from '@sluice/contract/state';
import type { Evidence, Upload } from '@sluice/contract/upload';
import { toCounterId } from './count.ts';

/** What goes back to a row that uploads take from: that of a grant, or of a counter. */
export type Refund = { readonly id: string; readonly uploads: number; readonly bytes: number };

/** What a move gives back, and the counters that the upload is in from then on. */
export type Settlement = { readonly refunds: readonly Refund[]; readonly counters: readonly Counter[] };

type Holder = Pick<
  Upload,
  'tenant' | 'subject' | 'policy' | 'grantId' | 'reserved' | 'counters' | 'evidence'
>;

/**
 * What an upload gives back as it moves to a state: nothing while it goes on, what it does not need once it
 * is accepted, and everything if it ends otherwise. What was accepted stays counted until the file is gone,
 * but a grant gets nothing back for it. Undefined for an upload that has nothing to give back: it takes part
 * in no limit, or has given back before.
 */
export function toSettlement(
  upload: Holder,
  to: State,
  evidence: Evidence | undefined,
): Settlement | undefined {
  const { grantId, reserved, counters = [] } = upload;
  if (!isSettled(to) || (reserved === undefined && counters.length === 0)) return undefined;
  const isKept = to === 'accepted';
  const size = evidence?.size ?? upload.evidence?.size;
  const held = reserved ?? size ?? 0;
  const given = isKept
    ? { uploads: 0, bytes: Math.max(0, held - (size ?? held)) }
    : { uploads: 1, bytes: held };
  const refunds = counters.map((counter) => ({
    id: toCounterId(counter, upload),
    ...(counter === 'unfinished' ? { uploads: 1, bytes: 0 } : given),
  }));
  if (grantId !== undefined && reserved !== undefined) refunds.push({ id: grantId, ...given });
  return {
    // Nothing is written where nothing is given back, as of a file that has the size that was declared.
    refunds: refunds.filter(({ uploads, bytes }) => uploads > 0 || bytes > 0),
    counters: isKept ? counters.filter((counter) => counter !== 'unfinished') : [],
  };
}
