import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { Obstacle } from './obstacle.ts';

const run = promisify(execFile);
const HOST = '127.0.0.1';

/** A process that listens on a port, as far as the system tells. */
export type Holder = { readonly command: string; readonly pid: number };

/** Throws an Obstacle that names the port, who holds it, and the way out, unless the port is free. */
export async function requireFreePort(port: number): Promise<void> {
  if (!(await isFree(port))) throw new Obstacle(explainTakenPort(port, await findHolder(port)));
}

/** A port that nobody listens on, chosen by the system. */
export function findFreePort(): Promise<number> {
  return listenBriefly(0);
}

export function explainTakenPort(port: number, holder: Holder | undefined): string {
  const who = holder ? ` by ${holder.command} (process ${holder.pid})` : '';
  const stop = holder ? `Stop it (kill ${holder.pid})` : 'Stop what listens there';
  const other = port < 65_535 ? port + 1 : port - 1;
  return `Port ${port} is taken${who}.\n${stop}, or choose another port: npm start -- --port ${other}`;
}

/** Reads `lsof -Fpc`: one field per line, its kind in the first letter. */
export function parseHolder(fields: string): Holder | undefined {
  const pid = /^p(\d+)$/m.exec(fields)?.[1];
  const command = /^c(.+)$/m.exec(fields)?.[1];
  return pid && command ? { pid: Number(pid), command } : undefined;
}

async function findHolder(port: number): Promise<Holder | undefined> {
  try {
    const { stdout } = await run('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc']);
    return parseHolder(stdout);
  } catch {
    return undefined; // no lsof here, or the process is someone else's
  }
}

async function isFree(port: number): Promise<boolean> {
  try {
    await listenBriefly(port);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return false;
    if (error instanceof Error && 'code' in error && error.code === 'EACCES') {
      throw new Obstacle(
        `Port ${port} may not be used by this user. Choose one above 1023: npm start -- --port 4566`,
      );
    }
    throw error;
  }
}

function listenBriefly(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host: HOST, exclusive: true }, () => {
      const address = server.address();
      const taken = typeof address === 'object' && address ? address.port : port;
      server.close(() => resolve(taken));
    });
  });
}
