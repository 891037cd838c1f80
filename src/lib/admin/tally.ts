import { forEach } from '@sluice/connection/transfers/workers';
import type { AdminItem, AdminPage } from '@sluice/contract/admin';

/** What a page of a command comes to, while it is worked on. */
export type Tally = {
  /** Counts one thing that ended so, and lists it if there is something to say of it. */
  readonly note: (outcome: string, item?: Omit<AdminItem, 'outcome'>) => void;
  readonly page: (cursor?: string) => AdminPage;
};

/** Begins a page. */
export function createTally(): Tally {
  const counts: Record<string, number> = {};
  const items: AdminItem[] = [];
  return {
    note(outcome, item) {
      counts[outcome] = (counts[outcome] ?? 0) + 1;
      if (item !== undefined) items.push({ ...item, outcome });
    },
    page: (cursor) => ({ counts, items, ...(cursor !== undefined && { cursor }) }),
  };
}

// As many calls of S3 and DynamoDB at once as a function has sockets for many times over.
const AT_ONCE = 10;

/** Does something for each of a page's things, some at once. One that fails is noted, and stops no other. */
export async function eachOf<T>(
  tally: Tally,
  things: readonly T[],
  idOf: (thing: T) => string,
  work: (thing: T) => Promise<void>,
): Promise<void> {
  await forEach(things, AT_ONCE, undefined, async (thing) => {
    try {
      await work(thing);
    } catch (error) {
      const detail = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      tally.note('failed', { id: idOf(thing), detail });
    }
  });
}

/** Adds the counts of one page to those of others. */
export function addCounts(to: Record<string, number>, counts: AdminPage['counts']): void {
  for (const [name, count] of Object.entries(counts)) to[name] = (to[name] ?? 0) + count;
}
