import type { SweepReport } from '../../src/lib/upload/sweep.ts';

/** For a sweep in which rows may fail. */
export const UNHEARD: SweepReport = {
  onFailure: () => {},
  onUnreadable: () => {},
  onMissing: () => {},
  onShardFailure: () => {},
};

/** For a sweep in which no row may. */
export const RAISED: SweepReport = {
  onFailure: (_row, error) => {
    throw error;
  },
  onUnreadable: (row) => {
    throw row;
  },
  onMissing: ({ id }) => {
    throw new Error(`the file of ${id} is missing`);
  },
  onShardFailure: (_shard, error) => {
    throw error;
  },
};
