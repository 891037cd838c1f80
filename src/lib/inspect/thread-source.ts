import { type Answered, type Asked, MESSAGE_BYTES, ON_THE_WAY_BYTES } from './channel.ts';
import type { InspectedFile } from './file.ts';

/** The side of a thread's channel that has the file. */
export type ThreadSource = {
  readonly ask: (asked: Exclude<Asked, { readonly ask: 'done' | 'fault' }>) => void;
  /** whether the thread waits for bytes, and not the other way round */
  readonly owes: () => boolean;
  /** what reading threw */
  readonly fault: () => unknown;
  /** Ends every stream. */
  readonly close: () => void;
};

type Flow = { credit: number; isStopped: boolean; wake: () => void };

/**
 * Answers what a thread asks of a file. A stream is read no faster than the thread uses it up: at most
 * ON_THE_WAY_BYTES are on their way.
 */
export function createSource(file: InspectedFile, answer: (answered: Answered) => void): ThreadSource {
  const flows = new Map<number, Flow>();
  /** memory that was given back */
  const free: ArrayBuffer[] = [];
  let isClosed = false;
  let reads = 0;
  let fault: unknown;

  const fail = (id: number, error: unknown) => {
    fault ??= error;
    if (!isClosed) answer({ id, fault: true });
  };

  const read = async (id: number, start: number, length: number) => {
    reads += 1;
    try {
      const bytes = await file.read({ start, length });
      if (!isClosed) answer({ id, bytes: toOwn(bytes) });
    } catch (error) {
      fail(id, error);
    } finally {
      reads -= 1;
    }
  };

  const stream = async (id: number, start: number, end: number) => {
    const flow: Flow = { credit: ON_THE_WAY_BYTES, isStopped: false, wake: () => {} };
    flows.set(id, flow);
    try {
      for await (const bytes of joined(file.stream(start, end), free)) {
        while (flow.credit <= 0 && !flow.isStopped) {
          await new Promise<void>((resolve) => {
            flow.wake = resolve;
          });
        }
        if (flow.isStopped) return;
        flow.credit -= bytes.length;
        answer({ id, bytes });
      }
      if (!flow.isStopped) answer({ id, end: true });
    } catch (error) {
      fail(id, error);
    } finally {
      flows.delete(id);
    }
  };

  const stop = (flow: Flow) => {
    flow.isStopped = true;
    flow.wake();
  };

  return {
    ask(asked) {
      const flow = flows.get(asked.id);
      if (asked.ask === 'read') void read(asked.id, asked.start, asked.length);
      else if (asked.ask === 'stream') void stream(asked.id, asked.start, asked.end);
      else if (flow && asked.ask === 'stop') stop(flow);
      else if (flow && asked.ask === 'more') {
        flow.credit += asked.bytes;
        if (asked.back?.byteLength === MESSAGE_BYTES) free.push(asked.back);
        flow.wake();
      }
    },
    owes: () => reads > 0 || [...flows.values()].some(({ credit }) => credit === ON_THE_WAY_BYTES),
    fault: () => fault,
    close() {
      isClosed = true;
      for (const flow of flows.values()) stop(flow);
    },
  };
}

/** A stream in larger chunks, each with a buffer of its own: what is given away must be nobody else's. */
async function* joined(chunks: AsyncIterable<Uint8Array>, free: ArrayBuffer[]): AsyncIterable<Uint8Array> {
  const take = () => new Uint8Array(free.pop() ?? new ArrayBuffer(MESSAGE_BYTES));
  let held = take();
  let filled = 0;
  for await (const chunk of chunks) {
    for (let from = 0; from < chunk.length; ) {
      const part = chunk.subarray(from, from + held.length - filled);
      held.set(part, filled);
      filled += part.length;
      from += part.length;
      if (filled === held.length) {
        yield held;
        held = take();
        filled = 0;
      }
    }
  }
  if (filled > 0) yield held.subarray(0, filled);
}

function toOwn(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}
