/**
 * Where an upload stands. States move forward, but for the way back from the scanners to the verification:
 *
 * ```text
 * requested → verifying ─┬→ accepted ─┬→ deleted
 *     │         ▲ │      ├→ rejected  └→ recalled   (a later scan found harm)
 *     │         │ ▼      └→ expired                 (the object vanished before it could be judged)
 *     │       scanning                              (scanners are asked)
 *     │         │ ▲
 *     │         ▼ │ (through verifying, once an operator has freed it)
 *     │        held ───→ aborted                    (a scanner does not answer, and its owner gave up)
 *     ├─→ expired                                   (nothing arrived in time)
 *     └─→ aborted                                   (the caller gave up)
 * ```
 */
export const STATES = [
  'requested',
  'verifying',
  'scanning',
  'held',
  'accepted',
  'rejected',
  'expired',
  'aborted',
  'deleted',
  'recalled',
] as const;

export type State = (typeof STATES)[number];

const NEXT: Record<State, readonly State[]> = {
  requested: ['verifying', 'expired', 'aborted'],
  verifying: ['verifying', 'scanning', 'accepted', 'rejected', 'expired'],
  scanning: ['verifying', 'held'],
  held: ['verifying', 'aborted'],
  accepted: ['deleted', 'recalled'],
  rejected: ['verifying'], // by an operator, who has it judged again
  expired: [],
  aborted: [],
  deleted: [],
  recalled: [],
};

/**
 * True when the graph has an edge from one state to the other. `verifying → verifying` is a later worker
 * taking over.
 */
export function isMove(from: State, to: State): boolean {
  return NEXT[from].includes(to);
}

/** Without a verdict so far. */
const OPEN: readonly State[] = ['requested', 'verifying', 'scanning', 'held'];

/** True when the verdict on the upload's bytes is in, or there will never be one. */
export function isSettled(state: State): boolean {
  return !OPEN.includes(state);
}

/**
 * True while the upload waits for its scanners, or for a person because one did not answer: no worker has it,
 * and its verdict is still to come.
 */
export function isWaiting(state: State): state is 'scanning' | 'held' {
  return state === 'scanning' || state === 'held';
}

/**
 * True when nothing of the upload is there for anybody any more, nor will be: no object to read, and no first
 * verdict on one to tell.
 */
export function isEnded(state: State): boolean {
  return state === 'expired' || state === 'aborted' || state === 'deleted' || state === 'recalled';
}
