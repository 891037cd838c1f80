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
};

/** Long enough for MiniStack to write its state; a process that hangs is killed after it. */
const GRACE_MS = 20_000;

const groups = new Map<Group, () => void>();

// The last line of defence: whatever way this process ends (short of SIGKILL), its groups end with it.
process.once('exit', () => {
  for (const kill of groups.values()) kill();
});

/** Starts a command as the leader of a process group of its own, out of reach of the terminal's Ctrl-C. */
export function startGroup({ command, args, env, cwd, log }: Command): Group {
  const output = openSync(log, 'w');
  const child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', output, output] });
  closeSync(output);

  let stopped = false;
  const kill = (signal: NodeJS.Signals, pid: number | undefined) => {
    try {
      if (pid) process.kill(pid, signal);
    } catch {
      // already gone
    }
  };
  const killAll = () => kill('SIGKILL', child.pid && -child.pid);
  const ended = new Promise<Ending>((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, error }));
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  const group: Group = {
    pid: child.pid,
    ended,
    isStopped: () => stopped,
    stop: async () => {
      stopped = true;
      kill('SIGTERM', child.pid);
      await Promise.race([ended, delay(GRACE_MS, undefined, { ref: false })]);
      killAll();
      groups.delete(group);
    },
  };
  groups.set(group, killAll);
  void ended.then(() => {
    killAll(); // what the leader left behind
    groups.delete(group);
  });
  return group;
}

/** Stops every group that is alive. */
export async function stopGroups(): Promise<void> {
  await Promise.all([...groups.keys()].map((group) => group.stop()));
}

/** Someone pressed Ctrl-C: the work was cut short on purpose. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** Runs a command to its end and returns what it wrote. Throws what `explain` makes of a failure. */
export async function runGroup(command: Command, explain: (output: string) => Error): Promise<string> {
  const group = startGroup(command);
  const { code, error } = await group.ended;
  if (group.isStopped()) throw new Interrupted();
  const output = await readFile(command.log, 'utf8');
  if (code !== 0) throw explain(error ? `${output}${error.message}` : output);
  return output;
}
