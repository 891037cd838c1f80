// The thread in which files are looked into. It has nothing but the bytes that it is sent.
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { Answered, Asked, Task } from './channel.ts';
import type { InspectedFile } from './file.ts';
import { inspect } from './inspect.ts';

class ReadFault extends Error {
  override readonly name = 'ReadFault';
}

function createFile(port: MessagePort, { file }: Task): InspectedFile {
  let last = 0;
  const listeners = new Map<number, (answer: Answered) => void>();
  const ask = (asked: Asked, given: ArrayBuffer[] = []) => port.postMessage(asked, given);
  port.on('message', (answer: Answered) => listeners.get(answer.id)?.(answer));
  return {
    ...file,
    read: ({ start, length }) =>
      new Promise((resolve, reject) => {
        const id = ++last;
        listeners.set(id, (answer) => {
          listeners.delete(id);
          if ('bytes' in answer) resolve(answer.bytes);
          else reject(new ReadFault());
        });
        ask({ ask: 'read', id, start, length });
      }),
    async *stream(start = 0, end = file.size, isLent = false) {
      const id = ++last;
      const waiting: Answered[] = [];
      let wake = () => {};
      listeners.set(id, (answer) => {
        waiting.push(answer);
        wake();
      });
      ask({ ask: 'stream', id, start, end });
      try {
        for (;;) {
          const answer = waiting.shift();
          if (answer === undefined) {
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
          } else if ('bytes' in answer) {
            const bytes = answer.bytes.length;
            // Each has a buffer of its own.
            const back = answer.bytes.buffer as ArrayBuffer;
            yield answer.bytes;
            if (isLent) ask({ ask: 'more', id, bytes, back }, [back]);
            else ask({ ask: 'more', id, bytes });
          } else if ('end' in answer) {
            return;
          } else {
            throw new ReadFault();
          }
        }
      } finally {
        listeners.delete(id);
        ask({ ask: 'stop', id });
      }
    },
  };
}

async function work(port: MessagePort, task: Task): Promise<void> {
  // Whoever wants this to end ends the thread.
  const { signal } = new AbortController();
  try {
    port.postMessage({
      ask: 'done',
      looked: await inspect(createFile(port, task), task.limits, signal),
    } satisfies Asked);
  } catch (error) {
    if (!(error instanceof ReadFault)) throw error;
    port.postMessage({ ask: 'fault' } satisfies Asked);
  } finally {
    port.close();
  }
}

if (parentPort !== null) void work(parentPort, workerData as Task);
