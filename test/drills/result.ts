import type { Drill } from './drill.ts';

/** What came of a drill. */
export type Result = Pick<Drill, 'name' | 'symptom'> & {
  readonly commands: readonly { readonly command: string; readonly seconds: number }[];
  /** from the first command to the end of the proof; absent where it did not come to that */
  readonly seconds?: number;
  /** why it did not end well */
  readonly failure?: string;
};

/** The results in columns, one line for each drill. */
export function toTable(results: readonly Result[]): string {
  const rows = results.map(({ name, symptom, commands, seconds, failure }) => [
    name,
    symptom,
    String(commands.length),
    seconds === undefined ? '' : seconds.toFixed(1),
    failure === undefined ? 'well' : 'FAILED',
  ]);
  const all = [['drill', 'symptom', 'commands', 'seconds', 'ended'], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
