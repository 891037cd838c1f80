import { UsageError } from '../complaint.ts';
import { parseTime } from '../events/options.ts';
import type { ExitCode } from '../exit.ts';
import { requireIds } from '../id.ts';
import { parse } from '../options.ts';
import type { World } from '../world.ts';
import { ADMIN_STACK_OPTIONS, WORK_OPTIONS } from './options.ts';
import { REJUDGE_OPTIONS } from './rejudge.ts';
import { doWork } from './work.ts';

/** Asks the scanners about accepted files again. */
export async function rescan(argv: readonly string[], world: World): Promise<ExitCode> {
  const { values, positionals } = parse(argv, {
    ...ADMIN_STACK_OPTIONS,
    ...WORK_OPTIONS,
    policy: REJUDGE_OPTIONS.policy,
    since: REJUDGE_OPTIONS.since,
  });
  const { policy, since } = values;
  const isNamed = positionals.length > 0;
  if (isNamed && (policy ?? since) !== undefined) {
    throw new UsageError('Ids say by themselves which: leave --policy and --since out.');
  }
  const request = isNamed
    ? ({ command: 'rescan', ids: requireIds(positionals) } as const)
    : ({
        command: 'rescan',
        where: {
          ...(policy !== undefined && { policy }),
          ...(since !== undefined && { since: parseTime('since', since, world.timing.now()).getTime() }),
        },
      } as const);
  return doWork({ name: 'rescan', request }, values, world);
}
