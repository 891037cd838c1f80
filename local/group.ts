import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** How a process ended, or that it never came up. */
export type Ending = { readonly code: number | null; readonly signal: string | null; readonly error?: Error };

/** A process together with everything it starts, so that nothing stays behind when it is stopped. */
export type Group = {
  readonly pid: number | undefined;
  readonly ended: Promise<Ending>;
  /** True once `stop` was called: an ending after that is no failure. */
  readonly isStopped: () => boolean;
  /** Asks the process to end, waits, then kills whatever of its group is left. Safe to call again. */
  readonly stop: () => Promise<void>;
};

type Command = {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly log: string;
  /** Tidies up once the whole group is gone, however it ended. `ended` and `stop` wait for it. */
  readonly afterwards?: () => Promise<void>;
};

/** Long enough for MiniStack to write its state; a process that hangs is killed after it. */
const GRACE_MS = 20_000;

const POLL_MS = 500;

const groups = new Map<Group, () => void>();

// The last line of defence: whatever way this process ends (short of SIGKILL), its groups end with it.
process.once('exit', () => {
  for (const kill of groups.values()) kill();
});

/** Starts a command as the leader of a process group of its own, out of reach of the terminal's Ctrl-C. */
export function startGroup({ command, args, env, cwd, log, afterwards }: Command): Group {
  const output = openSync(log, 'w');
  const child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', output, output] });
  closeSync(output);

  const killAll = () => send('SIGKILL', child.pid && -child.pid);
  const exited = new Promise<Ending>((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, error }));
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  const ended = exited.then(async (ending) => {
    killAll(); // what the leader left behind
    groups.delete(group);
    await afterwards?.();
    return ending;
  });

  let stopped = false;
  const group: Group = {
    pid: child.pid,
    ended,
    isStopped: () => stopped,
    stop: async () => {
      stopped = true;
      send('SIGTERM', child.pid);
      const impatience = setTimeout(killAll, GRACE_MS);
      await ended;
      clearTimeout(impatience);
    },
  };
  groups.set(group, killAll);
  return group;
}

function send(signal: NodeJS.Signals, pid: number | undefined): void {
  try {
    if (pid) process.kill(pid, signal);
  } catch {
    // already gone
  }
}

/** Stops every group that is alive. */
export async function stopGroups(): Promise<void> {
  await Promise.all([...groups.keys()].map((group) => group.stop()));
}

/** Someone pressed Ctrl-C: the work was cut short on purpose. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/**
 * Runs a command to its end and returns what it wrote. Throws what `explain` makes of a failure.
 * `failure` is for a program that prints its failure and then lingers: what it printed counts as its end.
 */
export async function runGroup(
  command: Command & { readonly failure?: RegExp },
  explain: (output: string) => Error,
): Promise<string> {
  const group = startGroup(command);
  const lingers = await Promise.race([
    group.ended.then(() => false),
    ...(command.failure ? [untilWritten(command.log, command.failure).then(() => true)] : []),
  ]);
  if (!lingers && group.isStopped()) throw new Interrupted();
  if (lingers) await group.stop();
  const { code, error } = await group.ended;
  const output = await readFile(command.log, 'utf8');
  if (lingers || code !== 0) throw explain(error ? `${output}${error.message}` : output);
  return output;
}

async function untilWritten(log: string, failure: RegExp): Promise<void> {
  while (!failure.test(await readFile(log, 'utf8'))) await delay(POLL_MS, undefined, { ref: false });
}
