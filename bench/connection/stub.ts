import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** The stub of `server.ts`, running. */
export type Stub = AsyncDisposable & {
  readonly url: string;
  /** Connections accepted so far. */
  readonly readAccepted: () => Promise<number>;
};

/** Starts the stub in a process of its own. */
export async function startStub(): Promise<Stub> {
  const child: ChildProcess = fork(new URL('./server.ts', import.meta.url).pathname);
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]; // sound: what server.ts sends first
  return {
    url: `http://127.0.0.1:${port}`,
    async readAccepted() {
      const answered = once(child, 'message');
      child.send('accepted?');
      const [{ accepted }] = (await answered) as [{ accepted: number }]; // sound: its answer to any message
      return accepted;
    },
    async [Symbol.asyncDispose]() {
      child.disconnect();
      await once(child, 'exit');
    },
  };
}
