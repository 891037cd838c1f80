import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { serve } from './servers/server.ts';

/** A process with warm sockets that can be frozen, as Lambda freezes one between two invocations. */
async function setup() {
  const server = await serve((request, response) => {
    request.resume().on('end', () => response.setHeader('content-length', 0).end());
  });
  const program = new URL('servers/sleeper.ts', import.meta.url).pathname;
  const child: ChildProcess = spawn(process.execPath, [program, server.url], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = child.stdout ? createInterface({ input: child.stdout })[Symbol.asyncIterator]() : undefined;
  return {
    server,
    child,
    ask: () => child.stdin?.write('go\n'),
    async answer(): Promise<unknown> {
      const { value } = (await lines?.next()) ?? {};
      return JSON.parse(String(value));
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await once(child, 'close');
      await server[Symbol.asyncDispose]();
    },
  };
}

const allFirstTry = Array.from({ length: 10 }, () => 1);

test('succeeds at the first attempt after a freeze in which the server closed every socket', async () => {
  await using sleeper = await setup();
  sleeper.ask();
  expect(await sleeper.answer()).toEqual({ attempts: allFirstTry, opened: 10 });

  sleeper.child.kill('SIGSTOP');
  // Asked first and closed second: when it wakes, the call comes before the news of the closed sockets.
  sleeper.ask();
  sleeper.server.closeConnections();
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  sleeper.child.kill('SIGCONT');
  expect(await sleeper.answer()).toEqual({ attempts: allFirstTry, opened: 20 });
});

test('keeps the sockets that outlived the freeze', async () => {
  await using sleeper = await setup();
  sleeper.ask();
  await sleeper.answer();
  sleeper.child.kill('SIGSTOP');
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  sleeper.ask();
  sleeper.child.kill('SIGCONT');
  expect(await sleeper.answer()).toEqual({ attempts: allFirstTry, opened: 10 });
});
