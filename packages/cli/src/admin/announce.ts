import { UsageError } from '../complaint.ts';
import type { ExitCode } from '../exit.ts';
import { requireIds } from '../id.ts';
import { type Options, parse } from '../options.ts';
import type { World } from '../world.ts';
import { ADMIN_STACK_OPTIONS, parseSpan, WORK_OPTIONS } from './options.ts';
import { doWork } from './work.ts';

export const ANNOUNCE_OPTIONS = {
  stuck: { type: 'boolean', help: 'announce: whatever is in incoming, and has been for a while' },
  'older-than': { type: 'string', value: 'time', help: 'announce --stuck: for how long; 5m when absent' },
} as const satisfies Options;

/** Announces arrivals again, so that they are verified. */
export async function announce(argv: readonly string[], world: World): Promise<ExitCode> {
  const { values, positionals } = parse(argv, {
    ...ADMIN_STACK_OPTIONS,
    ...WORK_OPTIONS,
    ...ANNOUNCE_OPTIONS,
  });
  const { stuck = false, 'older-than': olderThan } = values;
  if (stuck && positionals.length > 0)
    throw new UsageError('--stuck finds them by itself: leave the ids out.');
  if (!stuck && olderThan !== undefined) throw new UsageError('--older-than belongs to --stuck.');
  if (!stuck && positionals.length === 0)
    throw new UsageError('Which uploads? Name their ids, or use --stuck.');
  const request = stuck
    ? ({ command: 'announce', stuckForSeconds: parseSpan('older-than', olderThan ?? '5m') } as const)
    : ({ command: 'announce', ids: requireIds(positionals) } as const);
  return doWork({ name: 'announce', request }, values, world);
}
