/**
 * Something a person can remove: its message says what stands in the way and what to do; no stack trace
 * helps.
 */
export class Obstacle extends Error {
  override readonly name = 'Obstacle';
}

/** The last lines of a log, indented, as they are quoted below an obstacle. */
export function tailOf(text: string, lines = 20): string {
  return text
    .trimEnd()
    .split('\n')
    .slice(-lines)
    .map((line) => `    ${line}`)
    .join('\n');
}
