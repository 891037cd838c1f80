import { isSettled, type State } from '@sluice/contract/state';
import type { Evidence, Upload } from '@sluice/contract/upload';

/** What goes back to a grant. */
export type Refund = { readonly grantId: string; readonly uploads: number; readonly bytes: number };

/**
 * What an upload gives back to its grant as it moves to a state: nothing while it goes on, what it does not
 * need once it is accepted, and everything if it ends otherwise. Undefined for an upload that has nothing set
 * aside: it is not under a grant, or has given back before.
 */
export function toRefund(
  { grantId, reserved }: Pick<Upload, 'grantId' | 'reserved'>,
  to: State,
  evidence: Evidence | undefined,
): Refund | undefined {
  if (grantId === undefined || reserved === undefined || !isSettled(to)) return undefined;
  if (to !== 'accepted') return { grantId, uploads: 1, bytes: reserved };
  return { grantId, uploads: 0, bytes: Math.max(0, reserved - (evidence?.size ?? reserved)) };
}
