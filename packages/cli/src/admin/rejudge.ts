import { UsageError } from '../complaint.ts';
import { parseTime } from '../events/options.ts';
import type { ExitCode } from '../exit.ts';
import { requireIds } from '../id.ts';
import { type Options, parse } from '../options.ts';
import type { World } from '../world.ts';
import { ADMIN_STACK_OPTIONS, WORK_OPTIONS } from './options.ts';
import { SHOW_OPTIONS } from './show.ts';
import { doWork } from './work.ts';

export const REJUDGE_OPTIONS = {
  policy: { type: 'string', value: 'name', help: 'rejudge: what was rejected by this policy' },
  since: SHOW_OPTIONS.since,
  reason: {
    type: 'string',
    value: 'code',
    help: 'rejudge: and only for this reason, such as type_not_allowed',
  },
} as const satisfies Options;

/** Has rejected uploads judged again, by the policies of today. */
export async function rejudge(argv: readonly string[], world: World): Promise<ExitCode> {
  const { values, positionals } = parse(argv, {
    ...ADMIN_STACK_OPTIONS,
    ...WORK_OPTIONS,
    ...REJUDGE_OPTIONS,
  });
  const { policy, since, reason } = values;
  const isNamed = positionals.length > 0;
  if (isNamed && (policy ?? since ?? reason) !== undefined) {
    throw new UsageError('Ids say by themselves which: leave --policy, --since and --reason out.');
  }
  if (!isNamed && (policy === undefined || since === undefined)) {
    throw new UsageError('Which uploads? Name their ids, or --policy and --since.');
  }
  const request = isNamed
    ? ({ command: 'rejudge', ids: requireIds(positionals) } as const)
    : ({
        command: 'rejudge',
        where: {
          ...(policy !== undefined && { policy }),
          ...(since !== undefined && { since: parseTime('since', since, world.timing.now()).getTime() }),
          ...(reason !== undefined && { reason }),
        },
      } as const);
  return doWork({ name: 'rejudge', request }, values, world);
}
