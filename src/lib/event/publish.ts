import type { UploadEvent } from '@sluice/contract/event';
import { UnreadableRow } from '../upload/faults.ts';
import type { Delivery, EventBus } from './ports.ts';
import { type Change, toUploadEvent } from './to-upload-event.ts';
import { type WriteDeps, writeFeed } from './write-feed.ts';

/** A change of a row as it is brought: by the ledger's stream, or by somebody who sends it again. */
export type Brought = {
  /** its number in the ledger's stream */
  readonly sequence: string;
  /** the id of the row, as far as it can be told */
  readonly rowId: string;
  /** what else of the row can be told without reading it, for the log */
  readonly told?: { readonly key: string | undefined; readonly correlationId: string | undefined };
  /** when the row was written: milliseconds since the epoch */
  readonly changedAt: number;
  /** The rows before and after. Throws UnreadableRow. */
  readonly read: () => Promise<Change> | Change;
};

/** Why a change goes to the dead-letter queue. */
export type BuriedFor = 'unreadable' | 'oversized' | 'refused' | 'fault' | 'overdue';

export type PublishDeps<Kind extends Brought = Brought> = WriteDeps & {
  readonly bus: EventBus;
  /** Puts a change into the dead-letter queue, from which it can be sent again. */
  readonly bury: (brought: Kind, why: BuriedFor) => Promise<void>;
  /** CloudEvents' source of this deployment */
  readonly source: string;
  readonly sleep: (ms: number) => Promise<void>;
  /** until the function is stopped */
  readonly remainingMs: () => number;
  readonly report: {
    readonly published: (event: UploadEvent) => void;
    readonly buried: (brought: Brought, why: BuriedFor, error?: unknown) => void;
    /** it comes again */
    readonly failed: (brought: Brought, error: unknown) => void;
  };
};

/** One call of PutEvents takes so many, and so many bytes together. */
const ENTRIES = 10;
const CALL_BYTES = 256 * 1024;
/** What an entry has beside its detail, and room for a bus of the longest name. */
const ENTRY_BYTES = 1024;

const TRIES = 3;
const PAUSE_MS = 100;
/** Nothing new is begun this close to the end. */
const RESERVE_MS = 5_000;
/** What fails for longer than this makes room for what comes behind it, and waits for somebody to look. */
const OVERDUE_MS = 3_600_000;

type Due<Kind> = { readonly brought: Kind; readonly event: UploadEvent; readonly bytes: number };

/** The bus did not take an event, and may do so later. */
export class NotTaken extends Error {
  override readonly name = 'NotTaken';

  constructor() {
    super('the bus did not take the event');
  }
}

/** There was no time left to begin. */
export class NoTimeLeft extends Error {
  override readonly name = 'NoTimeLeft';

  constructor() {
    super('too little time was left before the deadline');
  }
}

/**
 * Makes events of changes, and brings each into the feed and onto the bus, in this order. Returns those that
 * have to be brought again; every other one has been delivered, makes no event, or is in the dead-letter
 * queue. One that cannot be delivered holds up none of its neighbours. Never throws.
 */
export async function publish<Kind extends Brought>(
  deps: PublishDeps<Kind>,
  batch: readonly Kind[],
): Promise<readonly Kind[]> {
  const failed = new Set<Kind>();

  /** Buries a change; one that cannot be buried comes again. */
  const bury = async (brought: Kind, why: BuriedFor, error?: unknown): Promise<void> => {
    try {
      await deps.bury(brought, why);
      deps.report.buried(brought, why, error);
    } catch (buryingError) {
      failed.add(brought);
      deps.report.failed(brought, buryingError);
    }
  };
  /** What is not done comes again, for an hour. */
  const giveBack = async (brought: Kind, error: unknown): Promise<void> => {
    if (deps.now() - brought.changedAt > OVERDUE_MS) return bury(brought, 'overdue', error);
    failed.add(brought);
    deps.report.failed(brought, error);
  };

  const due: Due<Kind>[] = [];
  for (const brought of batch) {
    try {
      const event = toUploadEvent(await brought.read(), deps.source);
      if (event === undefined) continue;
      const bytes = Buffer.byteLength(JSON.stringify(event)) + ENTRY_BYTES;
      if (bytes > CALL_BYTES) await bury(brought, 'oversized');
      else due.push({ brought, event, bytes });
    } catch (error) {
      // Whatever it is, it would be the same the next time, and the shard would wait for it.
      await bury(brought, error instanceof UnreadableRow ? 'unreadable' : 'fault', error);
    }
  }

  for (const group of groupsOf(due)) {
    if (deps.remainingMs() < RESERVE_MS) {
      for (const { brought } of group) await giveBack(brought, new NoTimeLeft());
      continue;
    }
    const written = await writeAll(deps, group, giveBack);
    const deliveries = await putAll(deps, written, giveBack);
    for (const [index, { brought, event }] of written.entries()) {
      const delivery = deliveries[index];
      if (delivery === 'taken') deps.report.published(event);
      if (delivery === 'never') await bury(brought, 'refused');
      if (delivery === 'later') await giveBack(brought, new NotTaken());
    }
  }
  return batch.filter((brought) => failed.has(brought));
}

type GiveBack<Kind> = (brought: Kind, error: unknown) => Promise<void>;

/** Those of a group that are in the feed. */
async function writeAll<Kind extends Brought>(
  deps: PublishDeps<Kind>,
  group: readonly Due<Kind>[],
  giveBack: GiveBack<Kind>,
): Promise<Due<Kind>[]> {
  const results = await Promise.allSettled(
    group.map(({ event, brought }) => writeFeed(deps, event, brought.sequence)),
  );
  const written: Due<Kind>[] = [];
  for (const [index, due] of group.entries()) {
    const result = results[index];
    if (result?.status === 'rejected') await giveBack(due.brought, result.reason);
    else written.push(due);
  }
  return written;
}

/** What became of each event; none for those that were given back because the call failed. */
async function putAll<Kind extends Brought>(
  deps: PublishDeps<Kind>,
  group: readonly Due<Kind>[],
  giveBack: GiveBack<Kind>,
): Promise<readonly (Delivery | undefined)[]> {
  const deliveries = new Map<Due<Kind>, Delivery>();
  let left = group;
  for (let tries = 1; left.length > 0; tries += 1) {
    try {
      const answers = await deps.bus.put(left.map(({ event }) => event));
      for (const [index, due] of left.entries()) deliveries.set(due, answers[index] ?? 'later');
    } catch (error) {
      for (const { brought } of left) await giveBack(brought, error);
      for (const due of left) deliveries.delete(due);
      break;
    }
    left = left.filter((due) => deliveries.get(due) === 'later');
    if (tries === TRIES || deps.remainingMs() < RESERVE_MS) break;
    if (left.length > 0) await deps.sleep(PAUSE_MS * 2 ** tries * (0.5 + deps.random()));
  }
  return group.map((due) => deliveries.get(due));
}

/** As few groups as one call of PutEvents each allows, in order. */
function groupsOf<Kind>(due: readonly Due<Kind>[]): readonly (readonly Due<Kind>[])[] {
  const groups: Due<Kind>[][] = [];
  let bytes = 0;
  for (const one of due) {
    const group = groups.at(-1);
    if (group === undefined || group.length === ENTRIES || bytes + one.bytes > CALL_BYTES) {
      groups.push([one]);
      bytes = one.bytes;
    } else {
      group.push(one);
      bytes += one.bytes;
    }
  }
  return groups;
}
