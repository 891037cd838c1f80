import { Readable } from 'node:stream';
import { type ByteRange, toRanges } from './byte-range.ts';
import { verified } from './checksum.ts';
import { toMemory } from './destination.ts';
import { planTransfer, type TransferOptions, type TransferPlan } from './options.ts';
import { type RangeReader, readRange } from './range.ts';
import type { RemoteObject } from './remote-object.ts';

/**
 * Opens an object as a stream whose bytes come in order, fetched ahead by parallel ranges. When its checksum
 * turns out to be wrong the stream ends in a `ChecksumMismatchError`: what was read must be thrown away then.
 *
 * Memory: `concurrency` × part size, however slowly it is read. Destroying the stream ends the calls under
 * way.
 */
export function streamObject(object: RemoteObject, options: TransferOptions): Readable {
  const bytes = readAhead(object, planTransfer(options, object.bytes));
  const checked = object.checksum ? verified(bytes, object.checksum, object.partBytes) : bytes;
  return Readable.from(checked, { objectMode: false, highWaterMark: 1 });
}

/** What the reader of a stream is given at once. */
const CHUNK_BYTES = 2 ** 20;

async function* readAhead(object: RemoteObject, plan: TransferPlan): AsyncGenerator<Buffer> {
  const stop = new AbortController();
  const signal = plan.signal ? AbortSignal.any([plan.signal, stop.signal]) : stop.signal;
  const reader: RangeReader = { object, attempts: plan.rangeAttempts, bandwidth: plan.bandwidth, signal };
  const fetch = async (range: ByteRange): Promise<Buffer> => {
    const into = toMemory(range.last - range.first + 1);
    await readRange(reader, range, into);
    return into.content;
  };
  const ranges = toRanges(object.bytes, plan.partBytes).values();
  const ahead: Promise<Buffer>[] = [];
  const fetchNext = () => {
    const { value: range } = ranges.next();
    if (range === undefined) return;
    const fetched = fetch(range);
    // Looked at in its turn; until then a failure must not count as unhandled.
    fetched.catch(() => {});
    ahead.push(fetched);
  };
  try {
    for (let i = 0; i < plan.concurrency; i += 1) fetchNext();
    for (let current = ahead.shift(); current !== undefined; current = ahead.shift()) {
      const bytes = await current;
      for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
        const chunk = bytes.subarray(at, at + CHUNK_BYTES);
        yield chunk;
        plan.advance(chunk.length);
      }
      fetchNext();
    }
  } finally {
    stop.abort();
    await Promise.allSettled(ahead);
  }
}
