import type { Upload } from '@sluice/contract/upload';
import { createRoom } from '../due/room.ts';
import { walk } from '../due/walk.ts';
import { type AttendDeps, attend, type Endings } from './attend.ts';
import type { UnreadableRow } from './faults.ts';

export type SweepDeps = Omit<AttendDeps, 'announce'> & {
  /** sends an arrival to the queue that S3's own notifications use */
  readonly announce: (upload: Upload) => Promise<void>;
  /** about how many messages that queue has */
  readonly countArrivals: () => Promise<number>;
};

/** How many rows ended how, and how many did not. */
export type Swept = Endings & {
  /** not understood: nothing was done, and the rows stay due */
  unreadable: number;
  /** a fault ended the work on them; they stay due, behind those that are due now */
  failed: number;
  /** were read, and not begun or not ended in time: they stay due */
  left: number;
  /** shards that were not read to their end: they may hold more rows that are due */
  shardsLeft: number;
};

export type SweepReport = {
  /** hears of rows that are due, before anything is done about them */
  readonly onDue?: (uploads: readonly Upload[]) => void;
  readonly onFailure: (upload: Upload, error: unknown) => void;
  readonly onUnreadable: (row: UnreadableRow) => void;
  readonly onMissing: (upload: Upload) => void;
  /** hears of a shard whose rest could not be read */
  readonly onShardFailure: (shard: string, error: unknown) => void;
};

export type SweepPart = {
  /** the shards of this run; all when absent */
  readonly shards?: readonly string[];
  /** once it aborts, nothing that is still in work is waited for */
  readonly end?: AbortSignal;
};

// As many as an SDK client has sockets: more would only wait for one.
const ROWS_AT_ONCE = 48;

/**
 * Handles every row that is due: if its object never came, it expires; if its event was lost, it is announced
 * again; if scanners have not answered, they are asked again; if its object had to be removed, it is removed;
 * if the buckets know better, the row is brought up to date; and an upload in parts of no declared size is
 * checked against its limit. Safe to repeat and to run twice at once. Stops when nothing is due or `signal`
 * aborts. A row that fails stays due and is reported, and so does one whose file is missing. Both go behind
 * every row that was due when the run began: however many fail every time, the next run begins with others.
 * A row that cannot be read is reported and left as it is.
 */
export async function sweep(
  deps: SweepDeps,
  signal: AbortSignal,
  report: SweepReport,
  { shards = deps.ledger.dueShards, end }: SweepPart = {},
): Promise<Swept> {
  const swept: Swept = { ...NOTHING };
  const began = deps.now();
  const share = shards.length / deps.ledger.dueShards.length;
  const room = createRoom({ countMessages: deps.countArrivals, now: deps.now }, share);
  const announce = async (upload: Upload): Promise<boolean> => {
    if (!(await room.take())) return false;
    await deps.announce(upload);
    return true;
  };

  async function* read(shard: string): AsyncGenerator<readonly Upload[]> {
    for await (const { uploads, unreadable } of deps.ledger.due(shard, began)) {
      swept.unreadable += unreadable.length;
      report.onDue?.(uploads);
      for (const row of unreadable) report.onUnreadable(row);
      yield uploads;
    }
  }
  // This run is through with it: its due time is later than any that this run looks for.
  const goBehind = (row: Upload) => deps.ledger.postpone(row, began + 1);
  const work = async (row: Upload): Promise<void> => {
    try {
      const ending = await attend({ ...deps, announce }, row, signal);
      swept[ending] += 1;
      if (ending === 'missing') report.onMissing(row);
      if (ending === 'missing' || ending === 'recalling') await goBehind(row);
    } catch (error) {
      swept.failed += 1;
      report.onFailure(row, error);
      // If this fails as well, the row stays where it is.
      await goBehind(row).catch(() => undefined);
    }
  };

  const { onShardFailure } = report;
  const walked = { shards: rotate(shards, began), read, work, onShardFailure, atOnce: ROWS_AT_ONCE };
  const left = await walk(walked, signal, end);
  return { ...swept, left: left.rows, shardsLeft: left.shards };
}

const NOTHING: Swept = {
  expired: 0,
  excessive: 0,
  open: 0,
  announced: 0,
  deferred: 0,
  asked: 0,
  held: 0,
  removed: 0,
  restored: 0,
  recalling: 0,
  kept: 0,
  missing: 0,
  overtaken: 0,
  unreadable: 0,
  failed: 0,
  left: 0,
  shardsLeft: 0,
};

// Another shard first in every minute: runs that are cut short at once do not all leave out the same.
function rotate(shards: readonly string[], now: number): readonly string[] {
  const first = Math.floor(now / 60_000) % Math.max(1, shards.length);
  return [...shards.slice(first), ...shards.slice(0, first)];
}
