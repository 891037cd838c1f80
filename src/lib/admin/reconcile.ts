import type { Place } from '../upload/ports.ts';
import { type CompareDeps, compareObjects, type Repairs } from './compare-objects.ts';
import { type CompareRowDeps, compareRows } from './compare-rows.ts';
import type { Buckets } from './ports.ts';
import { createTally } from './tally.ts';
import { BadCall, type Step } from './walk.ts';

export type ReconcileDeps = CompareDeps &
  CompareRowDeps & {
    readonly buckets: Pick<Buckets, 'list'>;
    /** Which of the three a bucket of this name is; undefined for any other. */
    readonly placeOf: (bucket: string) => Place | undefined;
  };

const STEP_KEYS = 100;

const PHASES = ['incoming', 'store', 'quarantine', 'rows'] as const;

type Phase = (typeof PHASES)[number];

/**
 * Compares the buckets with the ledger, both ways: first what each bucket holds, then every row. What is
 * found is counted and listed. A repair makes the row due, or announces the arrival: the sweep and
 * verification decide, as ever. Whatever this version cannot read is left alone.
 */
export function reconcile(deps: ReconcileDeps, repairs: Repairs): Step {
  return async (cursor) => {
    const { phase, after } = parseCursor(cursor);
    const tally = createTally();
    if (phase === 'rows')
      return tally.page(toCursor(phase, await compareRows(deps, repairs, tally, { after })));
    const found = await deps.buckets.list(phase, after, STEP_KEYS);
    await compareObjects(deps, repairs, tally, { place: phase, found, isOld: false });
    return tally.page(toCursor(phase, found.length < STEP_KEYS ? undefined : found.at(-1)?.key));
  };
}

function parseCursor(cursor: string | undefined): { readonly phase: Phase; readonly after?: string } {
  if (cursor === undefined) return { phase: 'incoming' };
  const [name, ...rest] = cursor.split(':');
  const phase = PHASES.find((known) => known === name);
  if (phase === undefined) throw new BadCall('the cursor is not one of this command');
  const after = rest.join(':');
  return { phase, ...(after !== '' && { after }) };
}

function toCursor(phase: Phase, end: string | undefined): string | undefined {
  if (end !== undefined) return `${phase}:${end}`;
  const next = PHASES[PHASES.indexOf(phase) + 1];
  return next === undefined ? undefined : `${next}:`;
}
