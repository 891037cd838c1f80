import { isSettled, STATES } from '@sluice/contract/state';
import { printable } from './text.ts';
import type { Screen, World } from './world.ts';

/** One line of text for people. */
export function printLine(screen: Screen, text: string): void {
  screen.write(`${text}\n`);
}

/** One line of JSON for scripts. */
export function printJson(screen: Screen, value: unknown): void {
  screen.write(`${JSON.stringify(value)}\n`);
}

const OPEN: ReadonlySet<string> = new Set(STATES.filter((state) => !isSettled(state)));

const COLOURS = { red: 31, green: 32, yellow: 33, grey: 90 } as const;

/** Text in a colour, on screens that show colours to somebody who wants them. */
export function paint({ env }: World, screen: Screen, colour: keyof typeof COLOURS, text: string): string {
  return screen.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb'
    ? `\x1b[${COLOURS[colour]}m${text}\x1b[39m`
    : text;
}

/** The colour in which a state is shown. */
export function paintState(world: World, screen: Screen, state: string, text: string = state): string {
  const shown = printable(text);
  if (state === 'accepted') return paint(world, screen, 'green', shown);
  if (state === 'rejected' || state === 'recalled') return paint(world, screen, 'red', shown);
  if (OPEN.has(state)) return paint(world, screen, 'yellow', shown);
  return paint(world, screen, 'grey', shown);
}
