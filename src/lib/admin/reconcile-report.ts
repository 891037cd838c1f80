import type { ReportPart } from '@sluice/contract/admin';
import { compareObjects, type Repairs } from './compare-objects.ts';
import { compareFile, compareRows } from './compare-rows.ts';
import type { ReconcileDeps } from './reconcile.ts';
import { createTally, eachOf } from './tally.ts';
import { BadCall, overList, type Step } from './walk.ts';

const STEP_KEYS = 100;

/**
 * Compares a part of a report of S3 Inventory with the ledger. A report is a day old or more: whatever looks
 * wrong by it is looked up in the bucket before anything is said of it or done, and what has changed is left
 * alone.
 * @throws BadCall for a report of another bucket
 */
export function reconcileReport(deps: ReconcileDeps, repairs: Repairs, part: ReportPart): Step {
  if (part.kind === 'rows') {
    return async (after) => {
      const tally = createTally();
      return tally.page(await compareRows(deps, repairs, tally, { after, ...part }));
    };
  }
  if (part.kind === 'files') {
    return overList(part.ids, STEP_KEYS, async (ids) => {
      const tally = createTally();
      const { uploads, unreadable, missing } = await deps.ledger.readMany(ids);
      for (const { id } of unreadable) tally.note('unreadable', { id });
      for (const _ of missing) tally.note('changed since');
      await eachOf(
        tally,
        uploads,
        ({ id }) => id,
        async (row) => {
          if (row.state === 'accepted') await compareFile(deps, repairs, tally, row);
          else tally.note('changed since');
        },
      );
      return tally.page();
    });
  }
  const place = deps.placeOf(part.bucket);
  if (place === undefined) throw new BadCall(`${part.bucket} is no bucket of this deployment`);
  if (part.objects.length === 0) {
    return async () => ({ counts: {}, items: [{ id: part.bucket, outcome: place }] });
  }
  return overList(part.objects, STEP_KEYS, async (found) => {
    const tally = createTally();
    await compareObjects(deps, repairs, tally, { place, found, isOld: true });
    return tally.page();
  });
}
