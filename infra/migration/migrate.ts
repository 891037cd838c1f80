import { createTeller } from '../tell.ts';
import type { Misread } from './rows.ts';
import { describeMove, hasToSettle, indexesAt, KNOWN_INDEXES, LAST_STEP } from './steps.ts';

/** How the stack of a stage stands. */
export type StackState = {
  /** CloudFormation's own word for it */
  readonly status: string;
  /** absent where what is deployed knows no migration */
  readonly step: number | undefined;
};

export type IndexState = { readonly isActive: boolean; readonly isBackfilling: boolean };

/** A deployed stage. */
export type Stage = {
  readStack(): Promise<StackState>;
  /** Begins an update of the stack to a step, and changes nothing else of it. */
  update(step: number): Promise<void>;
  /** The table's indexes by name; one that is being removed is among them. */
  readIndexes(): Promise<ReadonlyMap<string, IndexState>>;
  /** Begins to remove an index that no step of the stack knows of. */
  removeIndex(name: string): Promise<void>;
  /** The rows that 0.1.0 would misread. */
  findMisread(): Promise<Misread>;
  /** Has no sweep look at these accepted uploads any more. */
  takeOffDue(ids: readonly string[]): Promise<void>;
};

export type Migration = {
  readonly stage: Stage;
  readonly report: (line: string) => void;
  readonly pause: (ms: number) => Promise<unknown>;
  readonly now: () => number;
  /** how long a function may still run with the settings of before */
  readonly settleMs: number;
};

/** Why a stage cannot be migrated, and what to do. */
export class CannotMigrate extends Error {
  override readonly name = 'CannotMigrate';
}

const LOOK_EVERY_MS = 5_000;

/**
 * Brings the table of a stage from the step where it is to the last one, or back to the first, one index at a
 * time, and waits until each can be read. Where it stands is in the stack and in the table only, so it may be
 * killed at any point, and run again.
 * @returns the moves that were made, or that would be
 */
export async function migrate(
  migration: Migration,
  { isBack = false, isDryRun = false } = {},
): Promise<number> {
  const { stage, report, pause, settleMs } = migration;
  const target = isBack ? 0 : LAST_STEP;
  if (isBack) await protect(migration, isDryRun);
  const at = await readStep(migration, isDryRun);
  if (at === undefined) {
    if (isBack) return 0; // 0.1.0 is deployed again
    throw new CannotMigrate(
      'What is deployed knows no migration. Deploy this version with ledgerMigration: 0 in the file of the stage first.',
    );
  }
  let step = at;
  report(`The table is at step ${step} of ${LAST_STEP}: ${indexesAt(step).join(', ')}.`);
  if (isDryRun) return plan(migration, step, target);

  for (let moves = 0; ; moves += 1) {
    await tidy(migration, step);
    if (step === target) return moves;
    const next = step < target ? step + 1 : step - 1;
    if (hasToSettle(step, next)) {
      report(`  waiting ${Math.ceil(settleMs / 1000)} s for functions that may still read the others`);
      await pause(settleMs);
    }
    report(`Step ${next}: ${describeMove(step, next)}.`);
    await stage.update(next);
    const reached = await readStep(migration, false);
    if (reached !== next) {
      throw new CannotMigrate(
        `CloudFormation did not take step ${next}, and the table is as it was. The events of the stack say why; then run this again.`,
      );
    }
    step = next;
  }
}

/** Keeps files from being removed by the sweep of 0.1.0, which takes everything due for what has ended. */
async function protect({ stage, report }: Migration, isDryRun: boolean): Promise<void> {
  const { due, waiting } = await stage.findMisread();
  if (waiting > 0) {
    throw new CannotMigrate(
      `${waiting} uploads wait for scanners or are held, and 0.1.0 would remove their files. Let the scanners finish, free or delete what is held (sluice admin rejudge), then run this again.`,
    );
  }
  report(
    `${due.length} accepted uploads are due, whose files 0.1.0 would remove: they ${isDryRun ? 'would be' : 'are'} taken off what is due.`,
  );
  if (!isDryRun) await stage.takeOffDue(due);
}

function plan({ report }: Migration, from: number, target: number): number {
  const direction = from < target ? 1 : -1;
  for (let step = from; step !== target; step += direction) {
    report(`Step ${step + direction} would be: ${describeMove(step, step + direction)}.`);
  }
  return Math.abs(target - from);
}

/** The step of a stack at rest; undefined where what is deployed knows none. */
async function readStep(migration: Migration, isDryRun: boolean): Promise<number | undefined> {
  let stack = await migration.stage.readStack();
  const inProgress = () => stack.status.endsWith('_IN_PROGRESS');
  if (isDryRun && inProgress()) {
    throw new CannotMigrate(`The stack is being changed (${stack.status}). Look again when that is over.`);
  }
  const tell = createTeller(migration);
  while (inProgress()) {
    tell(`  CloudFormation: ${stack.status}`);
    await migration.pause(LOOK_EVERY_MS);
    stack = await migration.stage.readStack();
  }
  if (!/^(CREATE|UPDATE|UPDATE_ROLLBACK)_COMPLETE$/.test(stack.status)) {
    throw new CannotMigrate(
      `The stack is in the state ${stack.status}, from which it cannot be changed. Mend that in CloudFormation first.`,
    );
  }
  return stack.step;
}

/**
 * Waits until every index of a step can be read. One that the stack does not know of is removed: an update
 * that was rolled back has left it, and the next update would fail because it is there.
 */
async function tidy(migration: Migration, step: number): Promise<void> {
  const { stage, report, pause } = migration;
  const wanted = indexesAt(step);
  const tell = createTeller(migration);
  for (;;) {
    const indexes = await stage.readIndexes();
    const stray = KNOWN_INDEXES.find((name) => !wanted.includes(name) && indexes.has(name));
    const missing = wanted.find((name) => !indexes.has(name));
    const building = [...indexes].find(([name, { isActive }]) => wanted.includes(name) && !isActive);
    if (missing !== undefined) {
      throw new CannotMigrate(
        `The table has no index ${missing}, although the stack says so: somebody has removed it. Make it again by its definition in infra/ledger.yml, then run this again.`,
      );
    }
    if (stray === undefined && building === undefined) return;
    const left = stray === undefined ? undefined : indexes.get(stray);
    // One that is neither is being removed already, or cannot be yet.
    if (stray !== undefined && building === undefined && (left?.isActive || left?.isBackfilling)) {
      report(`  the index ${stray} is left of an update that failed, and is removed`);
      await stage.removeIndex(stray);
    }
    if (building !== undefined) {
      const [name, { isBackfilling }] = building;
      tell(`  the index ${name} is being ${isBackfilling ? 'filled' : 'made'}`);
    }
    await pause(LOOK_EVERY_MS);
  }
}
