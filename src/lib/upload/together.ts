import type { Ledger, Recording, RecordTogether } from './ports.ts';

type Recorded = Awaited<ReturnType<Ledger['record']>>;
type Waiting = Recording & {
  readonly position: number;
  readonly resolve: (recorded: Recorded) => void;
  readonly reject: (error: unknown) => void;
};

/**
 * Records uploads that come at about the same moment together, where they take from counters or a grant;
 * others are recorded at once. Whatever cannot be written together is recorded one after the other, by their
 * positions, so each call ends as if it had been alone: with its row, with the row that was there, or
 * refused.
 * @param most so many are no longer waited for
 * @param wait how long the first one waits for others
 */
export function createTogether(
  recordOne: Ledger['record'],
  recordTogether: RecordTogether,
  most: number,
  wait: () => Promise<void>,
): (position: number) => Ledger['record'] {
  let gathered: Waiting[] = [];

  const record = async (group: readonly Waiting[]) => {
    let isWritten = false;
    try {
      isWritten = group.length > 1 && (await recordTogether(group));
    } catch (error) {
      for (const { reject } of group) reject(error);
      return;
    }
    for (const { upload, from, resolve, reject } of group.toSorted(byPosition)) {
      if (isWritten) resolve({ created: true, upload });
      else await recordOne(upload, from).then(resolve, reject);
    }
  };
  const close = (group: Waiting[]) => {
    if (gathered !== group) return;
    gathered = [];
    void record(group);
  };

  return (position) => (upload, from) => {
    const takes = upload.reserved !== undefined && (from?.grant !== undefined || from?.counts?.length);
    if (!takes) return recordOne(upload, from);
    return new Promise((resolve, reject) => {
      const group = gathered;
      group.push({ position, upload, ...(from && { from }), resolve, reject });
      if (group.length === most) close(group);
      else if (group.length === 1) void wait().then(() => close(group));
    });
  };
}

function byPosition(one: Waiting, other: Waiting): number {
  return one.position - other.position;
}
