export type Walk<Row> = {
  readonly shards: readonly string[];
  /** The rows of a shard in pages, in the order in which they are begun. */
  readonly read: (shard: string) => AsyncIterable<readonly Row[]>;
  /** What it throws ends the walk. */
  readonly work: (row: Row) => Promise<void>;
  /** hears that the rest of a shard could not be read */
  readonly onShardFailure: (shard: string, error: unknown) => void;
  /** the most rows in work at a time, in all shards together, and at least one for each */
  readonly atOnce: number;
};

/** What a walk left: rows that were read and have not ended, and shards that were not read to their end. */
export type Left = { readonly rows: number; readonly shards: number };

/**
 * Works on the rows of all shards side by side. Each shard has an equal part of the rows in work, which
 * grows as other shards end: however many rows of one are stuck, the others go on. While the rows of a page
 * are worked on, the next page is read, so that two pages of a shard are in memory at most.
 * A shard that cannot be read any further is reported and stops no other.
 * @param signal once it aborts, no row is begun and no page asked for
 * @param end once it aborts, nothing that is still in work is waited for
 */
export async function walk<Row>(
  { shards, read, work, onShardFailure, atOnce }: Walk<Row>,
  signal: AbortSignal,
  end?: AbortSignal,
): Promise<Left> {
  let open = shards.length;
  let unread = shards.length;
  let left = 0;
  let inWork = 0;
  let fault: { readonly error: unknown } | undefined;
  let waiting: (() => void)[] = [];
  // Not Promise.race over the rows in work: each race stays with every promise that has not settled.
  const wake = () => {
    const woken = waiting;
    waiting = [];
    for (const resolve of woken) resolve();
  };
  const change = () => new Promise<void>((resolve) => void waiting.push(resolve));

  const isOver = () => signal.aborted || fault !== undefined;

  const walkShard = async (shard: string): Promise<void> => {
    if (isOver()) return;
    const own = { inWork: 0 };
    const begin = async (row: Row): Promise<void> => {
      inWork += 1;
      own.inWork += 1;
      try {
        await work(row);
        left -= 1;
      } catch (error) {
        fault ??= { error };
      }
      inWork -= 1;
      own.inWork -= 1;
      wake();
    };
    const pages = read(shard)[Symbol.asyncIterator]();
    const readPage = async () => {
      const page = await pages.next();
      if (page.done !== true) left += page.value.length;
      return page;
    };
    for (let page = await readPage(); page.done !== true; ) {
      if (isOver()) return;
      const next = readPage();
      next.catch(() => undefined); // until it is awaited below
      for (const row of page.value) {
        while (!isOver() && own.inWork >= Math.max(1, Math.floor(atOnce / open))) await change();
        if (isOver()) return;
        void begin(row);
      }
      page = await next;
    }
    unread -= 1;
    while (own.inWork > 0 && !isOver()) await change();
  };

  const walkToEnd = async (shard: string): Promise<void> => {
    try {
      await walkShard(shard);
    } catch (error) {
      onShardFailure(shard, error);
    }
    open -= 1;
    wake();
  };
  signal.addEventListener('abort', wake);
  end?.addEventListener('abort', wake);
  try {
    for (const shard of shards) void walkToEnd(shard);
    while ((open > 0 || inWork > 0) && end?.aborted !== true) await change();
    if (fault !== undefined) throw fault.error;
    return { rows: left, shards: unread };
  } finally {
    signal.removeEventListener('abort', wake);
    end?.removeEventListener('abort', wake);
  }
}
