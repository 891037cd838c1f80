// The backend of examples/, as a process that can be killed, and its table as it stands on disk.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { projectRoot } from '../../local/folders.ts';

/** Starts the backend on a port, with its table in a file. */
export function startBackend({
  port,
  database,
  secret,
}: {
  readonly port: number;
  readonly database: string;
  readonly secret: string;
}) {
  let child: ChildProcess | undefined;
  let killed = 0;
  const start = () => {
    child = spawn(process.execPath, [join(projectRoot, 'examples', 'backend', 'server.ts')], {
      env: { ...process.env, PORT: String(port), DATABASE: database, WEBHOOK_SECRET: secret },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  };
  const kill = async () => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    killed += 1;
  };
  start();
  return {
    start,
    /** Kills it as the kernel does when memory runs out. */
    kill,
    kills: () => killed,
    /** The ids of the rows, in the file. */
    ids: (): readonly string[] => {
      const opened = new DatabaseSync(database);
      try {
        opened.exec('PRAGMA busy_timeout = 5000');
        return opened
          .prepare('SELECT id FROM files WHERE deletedAt IS NULL')
          .all()
          .map(({ id }) => String(id));
      } catch (error) {
        // Nobody has made the table yet.
        if (error instanceof Error && error.message.includes('no such table')) return [];
        throw error;
      } finally {
        opened.close();
      }
    },
  };
}
