/**
 * Where an upload stands. States move forward only:
 *
 * ```text
 * requested → verifying → accepted → deleted
 *     │           ├─────→ rejected
 *     │           └─────→ expired   (the object vanished before it could be judged)
 *     ├─→ expired                   (nothing arrived in time)
 *     └─→ aborted                   (the caller gave up)
 * ```
 */
export const STATES = [
  'requested',
  'verifying',
  'accepted',
  'rejected',
  'expired',
  'aborted',
  'deleted',
] as const;

export type State = (typeof STATES)[number];

const NEXT: Record<State, readonly State[]> = {
  requested: ['verifying', 'expired', 'aborted'],
  verifying: ['verifying', 'accepted', 'rejected', 'expired'],
  accepted: ['deleted'],
  rejected: ['verifying'], // by an operator, who has it judged again
  expired: [],
  aborted: [],
  deleted: [],
};

/**
 * True when the graph has an edge from one state to the other. `verifying → verifying` is a later worker
 * taking over.
 */
export function isMove(from: State, to: State): boolean {
  return NEXT[from].includes(to);
}

/** True when the verdict on the upload's bytes is in, or there will never be one. */
export function isSettled(state: State): boolean {
  return state !== 'requested' && state !== 'verifying';
}

/**
 * True when nothing of the upload is there any more, nor will be: no object to read, and no verdict on one to
 * tell.
 */
export function isEnded(state: State): boolean {
  return state === 'expired' || state === 'aborted' || state === 'deleted';
}
