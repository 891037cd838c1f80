#!/usr/bin/env node
// The `sluice` command: hands the real world to run.ts.
import { homedir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { realTiming } from '@sluice/client/timing';
import { askAt } from './ask.ts';
import { EXIT } from './exit.ts';
import { run } from './run.ts';

const stop = new AbortController();
let stoppedBy: NodeJS.Signals | undefined;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // Once: a second one ends the process at once.
  process.once(signal, () => {
    stoppedBy = signal;
    stop.abort();
  });
}
// `sluice list | head` closes the pipe, and that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});

const { env, stdin, stdout, stderr } = process;

const code = await run(process.argv.slice(2), {
  env,
  folder: process.cwd(),
  settingsFolder: join(env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'sluice'),
  stateFolder: join(env.XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'sluice'),
  stdout,
  stderr,
  ask: stdin.isTTY && stderr.isTTY ? askAt(stdin, stderr, stop.signal) : undefined,
  readStdin: () => text(stdin),
  openStdin: () => stdin,
  openStdout: () => stdout,
  timing: realTiming,
  signal: stop.signal,
});

// Ctrl-C has an exit code of its own. What ends processes otherwise, such as `timeout` or a supervisor, looks
// at what they died of.
if (code === EXIT.interrupted && stoppedBy !== undefined && stoppedBy !== 'SIGINT') {
  process.kill(process.pid, stoppedBy);
} else {
  process.exitCode = code;
}
