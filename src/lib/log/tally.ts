import { readOptional } from '../settings.ts';

/** What is counted beside its name, such as the code of a refusal. Each value is a metric that costs. */
export type Kind = Readonly<Record<string, string>>;

export type TallyDeps = {
  readonly now: () => number;
  readonly write: (line: string) => void;
  readonly stage: string;
};

type Count = { readonly kind: Kind; kept: number; told: number; since: number };

const MINUTE_MS = 60_000;

/**
 * Counts what is too frequent for a line each, in CloudWatch's embedded metric format. A line tells what was
 * counted since the last one. Within a minute each line tells at least as much as those before it together,
 * so that a thousand calls cost ten lines; and an instance that Lambda takes away has told more than half of
 * its last minute.
 */
export function createTally({ now, write, stage }: TallyDeps) {
  const counts = new Map<string, Count>();
  return (name: string, times = 1, kind: Kind = {}): void => {
    const id = JSON.stringify([name, kind]);
    const count = counts.get(id) ?? { kind, kept: 0, told: 0, since: 0 };
    counts.set(id, count);
    const time = now();
    if (time - count.since >= MINUTE_MS) Object.assign(count, { told: 0, since: time });
    count.kept += times;
    if (count.kept < count.told || count.kept === 0) return;
    write(toLine({ name, value: count.kept, kind, stage, time }));
    count.told += count.kept;
    count.kept = 0;
  };
}

/** Counts once more, or so many at once; of one kind where that is said. */
export const tally = createTally({
  now: Date.now,
  write: (line) => process.stdout.write(`${line}\n`),
  stage: readOptional('SLUICE_STAGE') ?? 'none',
});

function toLine({
  name,
  value,
  kind,
  stage,
  time,
}: {
  readonly name: string;
  readonly value: number;
  readonly kind: Kind;
  readonly stage: string;
  readonly time: number;
}): string {
  const all = ['service', 'stage'];
  const kinds = Object.keys(kind);
  return JSON.stringify({
    _aws: {
      Timestamp: time,
      CloudWatchMetrics: [
        {
          Namespace: 'Sluice',
          // Of all kinds together, and of this one.
          Dimensions: kinds.length === 0 ? [all] : [all, [...all, ...kinds]],
          Metrics: [{ Name: name, Unit: 'Count' }],
        },
      ],
    },
    service: 'sluice',
    stage,
    ...kind,
    [name]: value,
  });
}
