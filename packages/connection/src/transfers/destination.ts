import { crc32 } from 'node:zlib';

/**
 * Takes the bytes of one range in order, in memory of its own choice: nobody copies them on the way from the
 * socket.
 */
export type Destination = {
  /** How many bytes it has. */
  readonly bytes: () => number;
  /** Free memory, at least one byte, for the bytes that come next; the same until `commit`. */
  readonly space: () => Buffer;
  /**
   * Takes over the first `bytes` of `space`. Gives a promise when it would rather have no more until that
   * resolves; not every one is looked at, so none may reject unhandled.
   */
  readonly commit: (bytes: number) => Promise<void> | undefined;
};

/** Puts bytes that lie elsewhere into a destination. */
export async function pour(bytes: Buffer, into: Destination): Promise<void> {
  let rest = bytes;
  while (rest.length > 0) {
    const copied = rest.copy(into.space());
    rest = rest.subarray(copied);
    await into.commit(copied);
  }
}

/** Keeps a range in memory, in one piece. */
export function toMemory(bytes: number): Destination & { readonly content: Buffer } {
  const content = Buffer.allocUnsafeSlow(bytes);
  let filled = 0;
  return {
    content,
    bytes: () => filled,
    space: () => content.subarray(filled),
    commit(committed) {
      filled += committed;
      return undefined;
    },
  };
}

/** A range on its way into a file. */
export type FileDestination = Destination & {
  /** Resolves to the CRC32 of the range when all of it has been written. */
  readonly finish: () => Promise<number>;
};

/** An open file, as much of it as is needed. */
type File = {
  readonly write: (
    block: Buffer,
    offset: number,
    bytes: number,
    position: number,
  ) => Promise<{ readonly bytesWritten: number }>;
};

/**
 * What is written at once, as by boto3. Smaller costs system calls. Larger costs memory: up to three for each
 * range under way, and the kernel takes a free piece of that size for what it keeps of the file. In a virtual
 * machine that gives unused memory back, such pieces are often those that its host has to find again.
 */
const BLOCK_BYTES = 2 ** 18;

/**
 * Writes ranges to a file, one range after the other; the next block is filled while two are written or wait
 * for it. `written` hears of the bytes of each block that is in the file.
 */
export function toFile(file: File, written: (bytes: number) => void): (position: number) => FileDestination {
  const free: Buffer[] = [];
  const nextBlock = () => free.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES);
  const write = async (block: Buffer, bytes: number, position: number) => {
    const { bytesWritten } = await file.write(block, 0, bytes, position);
    // A full disk may take a part of it without an error.
    if (bytesWritten !== bytes) throw new Error(`only ${bytesWritten} of ${bytes} bytes could be written`);
    free.push(block);
    written(bytes);
  };
  return (first) => {
    let block = nextBlock();
    let filled = 0;
    let position = first;
    let checksum = 0;
    let pending = 0;
    let writing = Promise.resolve();
    /** Returns the promise of all writes before this one. */
    const flush = (): Promise<void> => {
      const earlier = writing;
      const [full, bytes, at] = [block, filled, position];
      pending += 1;
      writing = writing.then(async () => {
        await write(full, bytes, at);
        pending -= 1;
      });
      // Awaited in the end; until then a failure must not count as unhandled.
      writing.catch(() => {});
      position += filled;
      filled = 0;
      block = nextBlock();
      return earlier;
    };
    return {
      bytes: () => position + filled - first,
      space: () => block.subarray(filled),
      commit(bytes) {
        checksum = crc32(block.subarray(filled, filled + bytes), checksum);
        filled += bytes;
        if (filled < block.length) return undefined;
        const earlier = flush();
        return pending > 1 ? earlier : undefined;
      },
      async finish() {
        if (filled > 0) void flush(); // awaited below, with what is still being written
        await writing;
        free.push(block);
        return checksum;
      },
    };
  };
}
