import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** What is measured: called `calls` times in each round. */
export type Subject = {
  readonly name: string;
  readonly calls: number;
  /** Gets the running number of the call, to take its inputs by. */
  readonly run: (call: number) => unknown;
};

/** One number for each round, by subject; the numbers at one index were measured next to each other. */
export type Samples = ReadonlyMap<string, readonly number[]>;

/** What `bench/child.cjs` reports of one fresh process. */
export type FreshRun = {
  /** Reading, compiling and evaluating the bundle. */
  readonly loadMs: number;
  /** The same in CPU time, which other processes of a busy machine do not add to. */
  readonly loadCpuMs: number;
  /** Its `run()`, if it exports one. */
  readonly runMs: number;
  readonly rssBytes: number;
  /** What `run()` resolved to, if that is a number. */
  readonly value: number;
};

export const ROUNDS = 15;

/**
 * Measures subjects in turns and returns microseconds per call.
 *
 * A shared machine drifts by a quarter within minutes; so nothing is compared but what ran in the same round,
 * and each round begins with another subject.
 */
export async function measureRounds(subjects: readonly Subject[], rounds = ROUNDS): Promise<Samples> {
  const samples = new Map(subjects.map(({ name }) => [name, [] as number[]]));
  const counts = new Map(subjects.map(({ name }) => [name, 0]));
  // The first round of all only warms up.
  for (let round = 0; round <= rounds; round += 1) {
    for (const subject of rotate(subjects, round)) {
      const from = counts.get(subject.name) ?? 0;
      const microseconds = await measureCalls(subject, from);
      counts.set(subject.name, from + subject.calls);
      if (round > 0) samples.get(subject.name)?.push(microseconds / subject.calls);
    }
  }
  return samples;
}

async function measureCalls({ calls, run }: Subject, from: number): Promise<number> {
  // Awaiting what is no promise would cost a synchronous subject a turn of the queue for each call.
  const isAsynchronous = run(from) instanceof Promise;
  const start = process.hrtime.bigint();
  if (isAsynchronous) for (let call = from; call < from + calls; call += 1) await run(call);
  else for (let call = from; call < from + calls; call += 1) run(call);
  return Number(process.hrtime.bigint() - start) / 1000;
}

/** A bundle to be run by a process of its own, which has seen nothing else. */
export type FreshSubject = {
  readonly name: string;
  /** A CommonJS or ES module file; may export `prepare()`, which is not timed, and `run()`, which is. */
  readonly file: string;
  readonly nodeOptions?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
};

/** Measures files in fresh processes, in turns, and returns all that each process reported. */
export async function measureFreshRuns(
  subjects: readonly FreshSubject[],
  rounds = ROUNDS,
): Promise<ReadonlyMap<string, readonly FreshRun[]>> {
  const runs = new Map(subjects.map(({ name }) => [name, [] as FreshRun[]]));
  // The first round of all only fills the file cache.
  for (let round = 0; round <= rounds; round += 1) {
    for (const subject of rotate(subjects, round)) {
      const run = await runFresh(subject);
      if (round > 0) runs.get(subject.name)?.push(run);
    }
  }
  return runs;
}

const CHILD = new URL('./child.cjs', import.meta.url).pathname;

/** Runs one file in a fresh process, once. */
export async function runFresh({ file, nodeOptions = [], env = {} }: FreshSubject): Promise<FreshRun> {
  const { stdout } = await promisify(execFile)(process.execPath, [...nodeOptions, CHILD, file], {
    env: { ...env },
  });
  return toFreshRun(JSON.parse(stdout.slice(stdout.lastIndexOf('\n', stdout.length - 2) + 1)));
}

function toFreshRun(report: unknown): FreshRun {
  const numberOf = (name: string): number => {
    const value = typeof report === 'object' && report !== null ? Reflect.get(report, name) : undefined;
    if (typeof value !== 'number') throw new TypeError(`the child process did not report ${name}`);
    return value;
  };
  return {
    loadMs: numberOf('loadMs'),
    loadCpuMs: numberOf('loadCpuMs'),
    runMs: numberOf('runMs'),
    rssBytes: numberOf('rssBytes'),
    value: numberOf('value'),
  };
}

/** Picks one number of each run. */
export function toSamples(
  runs: ReadonlyMap<string, readonly FreshRun[]>,
  pick: (run: FreshRun) => number,
): Samples {
  return new Map([...runs].map(([name, list]) => [name, list.map(pick)]));
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  if (upper === undefined || lower === undefined) throw new RangeError('there is no median of nothing');
  return (lower + upper) / 2;
}

export function medianOf(samples: Samples, name: string): number {
  return median(samplesOf(samples, name));
}

/** How many times `name` took what `baseline` took: the median of the ratios within each round. */
export function ratioOf(samples: Samples, name: string, baseline: string): number {
  const divisors = samplesOf(samples, baseline);
  return median(samplesOf(samples, name).map((sample, round) => sample / (divisors[round] ?? Number.NaN)));
}

function samplesOf(samples: Samples, name: string): readonly number[] {
  const found = samples.get(name);
  if (found === undefined) throw new RangeError(`"${name}" was not measured`);
  return found;
}

function rotate<T>(list: readonly T[], by: number): T[] {
  const at = by % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
}
