import { INDEXES, INDEXES_OF_0_1_0 } from '../../src/lib/aws/ledger-indexes.ts';

/**
 * What each step of infra/ledger.yml does to the step before it: CloudFormation makes or removes one index in
 * one update. Step 0 is the table of 0.1.0.
 */
export const STEPS = [
  { makes: INDEXES.owner },
  { makes: INDEXES.due },
  { makes: INDEXES.tenant },
  { makes: INDEXES.reference },
  { switches: true },
  { removes: INDEXES_OF_0_1_0.owner },
  { removes: INDEXES_OF_0_1_0.due },
] as const satisfies readonly {
  readonly makes?: string;
  readonly removes?: string;
  readonly switches?: true;
}[];

/** The step that a new stage begins with. */
export const LAST_STEP = STEPS.length;

const OLD: readonly string[] = Object.values(INDEXES_OF_0_1_0);

/** Every index that any step has. */
export const KNOWN_INDEXES: readonly string[] = [...OLD, ...Object.values(INDEXES)];

/** The indexes that a table has at a step. */
export function indexesAt(step: number): string[] {
  const indexes = new Set(OLD);
  for (const change of STEPS.slice(0, step)) {
    if ('makes' in change) indexes.add(change.makes);
    if ('removes' in change) indexes.delete(change.removes);
  }
  return [...indexes];
}

/** What is done to get from a step to the next one, or back. */
export function describeMove(from: number, to: number): string {
  const change = STEPS[Math.min(from, to)];
  if (change === undefined) throw new RangeError(`there is no step from ${from} to ${to}`);
  const isForward = to > from;
  if ('switches' in change) {
    return `the functions read the ${isForward ? 'new' : 'old'} indexes`;
  }
  const isMade = 'makes' in change === isForward;
  const name = 'makes' in change ? change.makes : change.removes;
  return `the index ${name} is ${isMade ? 'made' : 'removed'}`;
}

/**
 * Whether a move removes indexes that functions may still read which began before the switch: the one before
 * it, in this direction, was the switch.
 */
export function hasToSettle(from: number, to: number): boolean {
  const before = STEPS[to > from ? from - 1 : from];
  return before !== undefined && 'switches' in before;
}
