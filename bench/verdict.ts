import { medianOf, ratioOf, type Samples } from './rounds.ts';

/** What is promised of a measured number. */
export type Goal = {
  readonly id: string;
  readonly what: string;
  readonly value: number;
  /** For bytes, calls and sockets, which are no matter of a busy machine: no slack. */
  readonly strict?: true;
} & ({ readonly atMost: number } | { readonly atLeast: number });

/** Timing on a shared machine: what misses its goal by no more than this is reported, but fails nothing. */
const SLACK = 1.3;

/** Prints median and ratio of every subject, fastest first. */
export function printTable(title: string, unit: string, samples: Samples, baseline: string): void {
  const rows = [...samples.keys()]
    .map((name) => ({ name, median: medianOf(samples, name), ratio: ratioOf(samples, name, baseline) }))
    .sort((a, b) => a.median - b.median);
  const width = Math.max(...rows.map(({ name }) => name.length));
  console.log(`\n${title}`);
  for (const { name, median, ratio } of rows) {
    console.log(
      `  ${name.padEnd(width)}  ${toText(median).padStart(8)} ${unit}  ${toText(ratio).padStart(7)}x`,
    );
  }
}

/** Prints whether each goal is met, and makes the process fail if one is missed by more than the slack. */
export function judge(goals: readonly Goal[]): void {
  console.log('');
  for (const goal of goals) {
    const [sign, bound, ratio] =
      'atMost' in goal
        ? ['<=', goal.atMost, goal.value / goal.atMost]
        : ['>=', goal.atLeast, goal.atLeast / goal.value];
    const slack = goal.strict ? 1 : SLACK;
    // Of nothing at all, none is no excess.
    const excess = goal.value === bound ? 1 : ratio;
    const verdict = excess <= 1 ? 'met' : excess <= slack ? 'MISSED, within the slack of 30 %' : 'MISSED';
    console.log(`${goal.id}  ${goal.what}: ${toText(goal.value)} ${sign} ${bound}  ${verdict}`);
    if (!(excess <= slack)) process.exitCode = 1;
  }
}

/** Three digits that matter. */
function toText(number: number): string {
  return number >= 100 ? number.toFixed(0) : number >= 10 ? number.toFixed(1) : number.toFixed(2);
}
