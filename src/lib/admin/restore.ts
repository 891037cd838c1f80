import { isSettled } from '@sluice/contract/state';
import type { Ledger } from '../upload/ports.ts';
import type { AdminLedger, BackupRow } from './ports.ts';
import { createTally, eachOf } from './tally.ts';
import type { Step } from './walk.ts';

export type RestoreDeps = {
  readonly ledger: Pick<Ledger, 'readMany'>;
  readonly table: Pick<AdminLedger, 'readBackup' | 'putBack'>;
  readonly now: () => number;
};

const STEP_ROWS = 100;

/**
 * Brings back the rows that the ledger has lost, from a table that a backup was restored into. A row that is
 * there is newer, and stays. A row without a verdict is due at once: the sweep finds in the buckets what it
 * has missed. Rows are brought back as they are, those of other versions included.
 */
export function restoreRows(deps: RestoreDeps, from: string, dryRun: boolean): Step {
  return async (after) => {
    const tally = createTally();
    const { rows, next } = await deps.table.readBackup(from, after, STEP_ROWS);
    const known = dryRun ? await findKnown(deps, rows) : new Set<string>();
    await eachOf(
      tally,
      rows,
      ({ id }) => id,
      async (row) => {
        const isOpen = row.upload !== undefined && !isSettled(row.upload.state);
        const isNew = dryRun
          ? !known.has(row.id)
          : await deps.table.putBack(row, isOpen ? deps.now() : undefined);
        if (!isNew) tally.note('there');
        else if (row.upload === undefined) tally.note('restored unread', { id: row.id });
        else tally.note(isOpen ? 'restored and due' : 'restored');
      },
    );
    return tally.page(next);
  };
}

async function findKnown({ ledger }: RestoreDeps, rows: readonly BackupRow[]): Promise<Set<string>> {
  const { missing } = await ledger.readMany(rows.map(({ id }) => id));
  const lost = new Set(missing);
  return new Set(rows.map(({ id }) => id).filter((id) => !lost.has(id)));
}
