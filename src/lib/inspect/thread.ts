import { Worker } from 'node:worker_threads';
import type { Answered, Asked, Task } from './channel.ts';
import type { InspectedFile, InspectionLimits } from './file.ts';
import type { Looked } from './inspect.ts';
import { createSource } from './thread-source.ts';

/**
 * Why a thread was ended: it used too much memory, or it answered nothing for too long while it had bytes.
 */
export type Ended = { readonly ended: 'memory' | 'stalled' };

export type ThreadDeps = {
  /** how much the whole process may use, since what is not on a thread's heap has no other limit */
  readonly maxResidentBytes: number;
  /** of the thread */
  readonly maxHeapMegabytes: number;
  /** how long a thread may think about the bytes that it has */
  readonly stallMs: number;
  /** calls back at intervals until what it returns is called */
  readonly every: (ms: number, run: () => void) => () => void;
  readonly now: () => number;
  /** where the thread's code is, for tests */
  readonly code?: URL;
};

const LOOK_MS = 100;
// Until a thread has said its first word: loading its code takes long on a machine with much else to do.
const START_MS = 30_000;

/**
 * Looks into a file in a thread of its own, which is ended when it hangs, when it uses too much memory, or
 * when the signal says so: whatever a parser does to itself, it does to nothing else. One file at a time: the
 * memory of a process is that of all its threads.
 * @throws what reading the file threw, and the signal's reason
 */
export async function inspectInThread(
  deps: ThreadDeps,
  file: InspectedFile,
  limits: InspectionLimits,
  signal: AbortSignal,
): Promise<Looked | Ended> {
  signal.throwIfAborted();
  const { size, type, name } = file;
  const worker = new Worker(deps.code ?? new URL('./worker.ts', import.meta.url), {
    workerData: { file: { size, type, name }, limits } satisfies Task,
    resourceLimits: { maxOldGenerationSizeMb: deps.maxHeapMegabytes, maxYoungGenerationSizeMb: 32 },
    // Nothing of the environment is a parser's business.
    env: {},
  });
  let heardAt = deps.now();
  let patienceMs = Math.max(deps.stallMs, START_MS);
  const source = createSource(file, (answer: Answered) => {
    heardAt = deps.now();
    const bytes = 'bytes' in answer ? [answer.bytes.buffer as ArrayBuffer] : [];
    worker.postMessage(answer, bytes);
  });
  const stops: (() => void)[] = [];
  try {
    return await new Promise<Looked | Ended>((resolve, reject) => {
      const onAbort = () => reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      stops.push(() => signal.removeEventListener('abort', onAbort));
      stops.push(
        deps.every(LOOK_MS, () => {
          if (process.memoryUsage.rss() > deps.maxResidentBytes) resolve({ ended: 'memory' });
          if (!source.owes() && deps.now() - heardAt > patienceMs) resolve({ ended: 'stalled' });
        }),
      );
      worker.on('message', (asked: Asked) => {
        heardAt = deps.now();
        patienceMs = deps.stallMs;
        if (asked.ask === 'done') resolve(asked.looked);
        else if (asked.ask === 'fault') reject(source.fault());
        else source.ask(asked);
      });
      worker.on('error', (error: Error & { readonly code?: string }) => {
        if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') resolve({ ended: 'memory' });
        else reject(error);
      });
      worker.on('exit', (code) => reject(new Error(`the thread of an inspection ended with ${code}`)));
    });
  } finally {
    for (const stop of stops) stop();
    source.close();
    await worker.terminate();
  }
}
