import { stdout } from 'node:process';
import { Interrupted } from './group.ts';

const NAME_WIDTH = 14;
const TICK_MS = 100;

/** Runs one step of the start, shows that it runs, and then what came of it and how long it took. */
export async function step<T>(
  name: string,
  work: () => Promise<T>,
  outcome: (value: T) => string,
): Promise<T> {
  const began = performance.now();
  const seconds = () => `${((performance.now() - began) / 1000).toFixed(1)} s`;
  const show = (mark: string, text: string) => `  ${mark} ${name.padEnd(NAME_WIDTH)} ${text}`;

  const ticker = stdout.isTTY
    ? setInterval(() => stdout.write(`\r\u001b[K${show('·', seconds())}`), TICK_MS)
    : undefined;
  const finish = (line: string) => {
    clearInterval(ticker);
    stdout.write(`${stdout.isTTY ? '\r\u001b[K' : ''}${line}\n`);
  };

  try {
    const value = await work();
    finish(show('✓', `${outcome(value)}  (${seconds()})`));
    return value;
  } catch (error) {
    if (error instanceof Interrupted) clearInterval(ticker);
    else finish(show('✗', `failed after ${seconds()}`));
    throw error;
  }
}
