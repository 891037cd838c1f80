import type { AdminPage } from '@sluice/contract/admin';
import { UsageError } from '../complaint.ts';
import { STACK_OPTIONS } from '../events/options.ts';
import type { Options } from '../options.ts';

/** Which deployment, for every admin command. */
export const ADMIN_STACK_OPTIONS = {
  stage: { type: 'string', value: 'name', help: 'the stage: --stage prod is --stack sluice-prod' },
  ...STACK_OPTIONS,
} as const satisfies Options;

/** Of every admin command that changes something. */
export const WORK_OPTIONS = {
  'dry-run': { type: 'boolean', help: 'change nothing, and count what would be done' },
  resume: { type: 'string', value: 'cursor', help: 'go on where a call that was stopped said' },
} as const satisfies Options;

export type StackValues = {
  readonly stage?: string | undefined;
  readonly stack?: string | undefined;
  readonly profile?: string | undefined;
  readonly region?: string | undefined;
  readonly json?: boolean | undefined;
};

export type WorkValues = StackValues & {
  readonly 'dry-run'?: boolean | undefined;
  readonly resume?: string | undefined;
};

/** The stack that --stage or --stack names. Throws UsageError. */
export function toStackValues({ stage, stack, ...rest }: StackValues): StackValues {
  if (stage === undefined) return { ...rest, stack };
  if (stack !== undefined) throw new UsageError('--stage and --stack say the same: leave one of them out.');
  if (!/^[a-z][a-z0-9-]{0,40}$/i.test(stage)) throw new UsageError(`"${stage}" is not the name of a stage.`);
  return { ...rest, stack: `sluice-${stage}` };
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** How long, in seconds, from the text of an option such as 5m. Throws UsageError. */
export function parseSpan(name: string, text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (count === '')
    throw new UsageError(`--${name} must be a time such as 30s, 5m, 2h or 7d, not "${text}".`);
  return Number(count) * (UNITS[unit] ?? 0);
}

/** Counts in a line: `12 announced, 3 recent`. */
export function describeCounts(counts: AdminPage['counts']): string {
  const entries = Object.entries(counts);
  return entries.length === 0 ? 'nothing' : entries.map(([name, count]) => `${count} ${name}`).join(', ');
}
