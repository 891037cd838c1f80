import { stdout } from 'node:process';
import { Interrupted } from './group.ts';

const NAME_WIDTH = 14;
const TICK_MS = 100;
const ERASE_LINE = '\r\u001b[K';

let ticker: NodeJS.Timeout | undefined;

/** Runs one step of the start, shows that it runs, and then what came of it and how long it took. */
export async function step<T>(
  name: string,
  work: () => Promise<T>,
  outcome: (value: T) => string,
): Promise<T> {
  const began = performance.now();
  const seconds = () => `${((performance.now() - began) / 1000).toFixed(1)} s`;
  const line = (mark: string, text: string) => `  ${mark} ${name.padEnd(NAME_WIDTH)} ${text}`;
  if (stdout.isTTY) ticker = setInterval(() => stdout.write(`${ERASE_LINE}${line('·', seconds())}`), TICK_MS);

  try {
    const value = await work();
    finishStep(line('✓', `${outcome(value)}  (${seconds()})`));
    return value;
  } catch (error) {
    if (!(error instanceof Interrupted)) finishStep(line('✗', `failed after ${seconds()}`));
    throw error;
  }
}

/** Says above the line of the step that runs what it waits for. */
export function remark(text: string): void {
  stdout.write(`${stdout.isTTY ? ERASE_LINE : ''}  · ${text}\n`);
}

/** Ends the line of the step that runs, if one does, with nothing or with what came of it. */
export function finishStep(line = ''): void {
  clearInterval(ticker);
  ticker = undefined;
  stdout.write(stdout.isTTY ? `${ERASE_LINE}${line}\n` : `${line}\n`);
}
