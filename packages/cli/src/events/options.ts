import { UsageError } from '../complaint.ts';
import { type Options, parse } from '../options.ts';
import { printable } from '../text.ts';

/** Which events are meant, by every command of the family that reads them. */
export const EVENT_OPTIONS = {
  since: {
    type: 'string',
    value: 'time',
    help: 'from when on: 2026-11-20, 2026-11-20T09:15:00Z, or how long ago, as 15m, 2h, 3d',
  },
  type: {
    type: 'string',
    value: 'types',
    help: 'only events of these types, with commas between: upload.accepted,upload.deleted',
  },
} as const satisfies Options;

/** Whose events these are, for commands that act on AWS itself. */
export const STACK_OPTIONS = {
  stack: {
    type: 'string',
    value: 'name',
    help: 'the stack of the deployment, such as sluice-prod; that of the local stack when absent',
  },
  profile: { type: 'string', value: 'name', help: 'a profile of ~/.aws/config; AWS_PROFILE when absent' },
  region: { type: 'string', value: 'region', help: 'AWS_REGION, or that of the profile, when absent' },
} as const satisfies Options;

/** Of `replay` and `redrive`. */
export const DRY_RUN_OPTION = {
  'dry-run': { type: 'boolean', help: 'replay, redrive: only count' },
} as const satisfies Options;

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

// As the API takes them.
const TIME = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?$/;

/** A time from the text of an option. Throws UsageError. */
export function parseTime(name: string, text: string, now: number): Date {
  const [, count, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const ago = count === undefined ? undefined : Number(count) * (UNITS[unit] ?? 0);
  const time = ago === undefined ? (TIME.test(text) ? Date.parse(text) : Number.NaN) : now - ago;
  if (Number.isFinite(time)) return new Date(Math.max(0, time));
  throw new UsageError(
    `--${name} must be a time, such as 2026-11-20T09:15:00Z, or how long ago, such as 2h, not "${text}".`,
  );
}

/** The values of options; these commands take no names. */
export function parseAlone<const T extends Options>(argv: readonly string[], options: T) {
  const { values, positionals } = parse(argv, options);
  const [name] = positionals;
  if (name !== undefined) throw new UsageError(`"${printable(String(name))}" is one word too many.`);
  return values;
}
