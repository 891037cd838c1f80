// What grows with the uploads of a month: what a stage sets, which limit of AWS's is reached first, how long
// verdicts take in the busiest minutes, and the bill. A model, by the costs that were counted, and by limits
// and prices that AWS publishes; nothing of it ran on AWS. `--json` prints everything.
import { parseArgs } from 'node:util';
import { shareOf } from './scale/limits.ts';
import { type Growth, toGrowth, toHotCounters, volumeAt } from './scale/report.ts';
import { PEAK_FACTOR, VOLUMES } from './scale/workload.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    uploads: { type: 'string', multiple: true },
    'peak-factor': { type: 'string', default: String(PEAK_FACTOR) },
  },
});
const volumes = values.uploads?.map(Number) ?? VOLUMES;
const growths = volumes.map((volume) => toGrowth(volume, { peakFactor: Number(values['peak-factor']) }));
const counters = toHotCounters();

function rounded(value: number): string {
  return Math.round(value).toLocaleString('en');
}

function seconds(value: number): string {
  return `${value.toFixed(2)} s`;
}

function print(title: string, rows: readonly (readonly (string | number)[])[]): void {
  const texts = rows.map((row) => row.map(String));
  const widths = (texts[0] ?? []).map((_, at) => Math.max(...texts.map((row) => (row[at] ?? '').length)));
  console.log(`\n${title}`);
  for (const row of texts) {
    const cells = row.map((cell, at) =>
      at === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[at] ?? 0),
    );
    console.log(`  ${cells.join('  ')}`);
  }
}

function rowOf(what: string, of: (growth: Growth) => string): readonly string[] {
  return [what, ...growths.map(of)];
}

function printAll(): void {
  print('A month', [
    rowOf('uploads', ({ workload }) => `${workload.uploadsAMonth / 1e6} million`),
    rowOf('a second, on average', ({ averagePerSecond }) => averagePerSecond.toFixed(1)),
    rowOf('a second, in the busiest minute', ({ peakPerSecond }) => peakPerSecond.toFixed(1)),
    rowOf('peakUploadsPerSecond', ({ stage }) => rounded(stage.peakUploadsPerSecond)),
    rowOf('batches at once', ({ stage }) => rounded(stage.verifyConcurrency)),
    rowOf('calls a second of a route', ({ stage }) => rounded(stage.routeRateLimit)),
  ]);

  const [first] = growths;
  print('Limits: how much of each is taken in the busiest minute, and when it is reached', [
    ['', 'million a month', 'raise', ...volumes.map((volume) => `${volume / 1e6}`)],
    ...(first?.loads ?? []).map((load) => [
      load.what,
      first === undefined ? '' : rounded(volumeAt(load, first.workload) / 1e6),
      load.raise,
      ...growths.map(({ loads }) => {
        const same = loads.find(({ what }) => what === load.what) ?? load;
        return `${(100 * shareOf(same)).toFixed(shareOf(same) < 0.1 ? 1 : 0)} %`;
      }),
    ]),
  ]);

  print('From the queue to the verdict, in the busiest minutes', [
    ['uploads', 'verified in', 'places', 'p50', 'p99', 'waiting', 'in a batch', 'most busy'],
    ...growths.flatMap(({ workload, runs }) =>
      runs.map((run) => [
        `${workload.uploadsAMonth / 1e6} million`,
        seconds(run.verifySeconds),
        run.places,
        seconds(run.p50),
        seconds(run.p99),
        rounded(run.longestQueue),
        run.inABatch.toFixed(2),
        run.mostBusy,
      ]),
    ),
  ]);

  print('The bill of a month, USD', [
    rowOf('', ({ workload }) => `${workload.uploadsAMonth / 1e6} million`),
    ...(first?.bill ?? []).map(({ what }, at) => rowOf(what, ({ bill }) => rounded(bill[at]?.dollars ?? 0))),
    rowOf('together', ({ dollars }) => rounded(dollars)),
  ]);

  print('One counter or grant: transactions of one upload each, for a minute', [
    ['row kept for', 'a second', 'written', 'too_busy', 'p99'],
    ...counters.map(({ heldSeconds, aSecond, written, refused, p99 }) => [
      `${heldSeconds * 1_000} ms`,
      aSecond,
      `${((100 * written) / (written + refused)).toFixed(1)} %`,
      rounded(refused),
      seconds(p99),
    ]),
  ]);
}

if (values.json) console.log(JSON.stringify({ growths, counters }, undefined, 2));
else printAll();
