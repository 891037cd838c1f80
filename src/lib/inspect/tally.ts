import type { Exceeded, InspectionLimits } from './file.ts';

/** Thrown where a limit is exceeded, and caught by the inspector, which returns it with what it knows. */
export class LimitReached extends Error {
  override readonly name = 'LimitReached';
  readonly exceeded: Exceeded;
  constructor(exceeded: Exceeded) {
    super(`${exceeded.limit} ${exceeded.found} of ${exceeded.most}`);
    this.exceeded = exceeded;
  }
}

/** Why nobody can look into something that is not damaged; fit to show after a name. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
  constructor(why: string) {
    super(why);
  }
}

/**
 * Only what is larger than this is held to the ratio: small files of one repeated line are honest, and many
 * of them are held to it together.
 */
export const RATIO_FROM_BYTES = 16 * 1024 ** 2;

/** What nested archives, and directories, may have in memory at once. */
export const HELD_MAX_BYTES = 64 * 1024 ** 2;

/** What the dictionaries of compressions may have in memory at once. */
export const WINDOWS_MAX_BYTES = 64 * 1024 ** 2;

/** What is counted across an archive and all that lie within it. */
export type Tally = {
  /** Counts one file or folder. */
  readonly entry: () => void;
  /**
   * Counts bytes that were unpacked.
   * @param own how many there are of this entry so far, and how many bytes it has in its archive
   */
  readonly unpacked: (bytes: number, own?: { readonly unpacked: number; readonly packed: number }) => void;
  /** Counts one archive within `depth` others. */
  readonly within: (depth: number) => void;
  readonly held: Budget;
  readonly windows: Budget;
  /** bytes of what is looked into */
  readonly size: number;
  readonly counts: () => { readonly entries: number; readonly bytes: number; readonly depth: number };
};

/** Memory that is lent out. */
export type Budget = {
  /** False if there is not as much left. */
  readonly lend: (bytes: number) => boolean;
  readonly giveBack: (bytes: number) => void;
  readonly left: () => number;
};

function createBudget(most: number): Budget {
  let lent = 0;
  return {
    lend(bytes) {
      if (lent + bytes > most) return false;
      lent += bytes;
      return true;
    },
    giveBack(bytes) {
      lent -= bytes;
    },
    left: () => most - lent,
  };
}

/** Counts for one file; its calls throw LimitReached. */
export function createTally(size: number, limits: InspectionLimits): Tally {
  let entries = 0;
  let bytes = 0;
  let deepest = 1;
  function hold(limit: keyof InspectionLimits, found: number): void {
    const most = limits[limit];
    if (found > most) throw new LimitReached({ limit, found, most });
  }
  return {
    entry() {
      entries++;
      hold('entries', entries);
    },
    unpacked(more, own) {
      bytes += more;
      hold('unpackedBytes', bytes);
      if (own !== undefined && own.unpacked > RATIO_FROM_BYTES) {
        hold('ratio', toRatio(own.unpacked, own.packed));
      }
      if (bytes > RATIO_FROM_BYTES) hold('ratio', toRatio(bytes, size));
    },
    within(depth) {
      deepest = Math.max(deepest, depth);
      hold('depth', depth);
    },
    held: createBudget(HELD_MAX_BYTES),
    windows: createBudget(WINDOWS_MAX_BYTES),
    size,
    counts: () => ({ entries, bytes, depth: deepest }),
  };
}

/** How many times larger something is once it is unpacked; to one digit. */
export function toRatio(unpacked: number, packed: number): number {
  return Math.round((unpacked / Math.max(packed, 1)) * 10) / 10;
}

/** Passes bytes on, and counts them as what so many packed bytes have become: a limit ends the stream. */
export async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  tally: Tally,
  packed: number,
): AsyncGenerator<Uint8Array> {
  let unpacked = 0;
  for await (const chunk of chunks) {
    unpacked += chunk.length;
    tally.unpacked(chunk.length, { unpacked, packed });
    yield chunk;
  }
}
