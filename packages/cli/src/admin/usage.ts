import { UsageError } from '../complaint.ts';
import { parseAlone } from '../events/options.ts';
import type { ExitCode } from '../exit.ts';
import { type Options, parseCount } from '../options.ts';
import { parseBytes } from '../storage/options.ts';
import type { World } from '../world.ts';
import type { AdminRequest } from './invoke.ts';
import { ADMIN_STACK_OPTIONS, WORK_OPTIONS } from './options.ts';
import { OWNER_OPTIONS, requireOwner } from './owner.ts';
import { RECONCILE_OPTIONS } from './reconcile.ts';
import { doWork } from './work.ts';

export const USAGE_OPTIONS = {
  recount: { type: 'boolean', help: 'usage: count the rows again; --repair corrects the counters' },
  'max-files': { type: 'string', value: 'count', help: 'usage: a limit of their own' },
  'max-bytes': { type: 'string', value: 'size', help: 'usage: a limit of their own, such as 10GiB' },
  'no-limits': { type: 'boolean', help: 'usage: the limits for all hold for them again' },
} as const satisfies Options;

const MOST_FILES = 999_999_999;

/** Tells what an owner or a tenant has, counts it again, or sets limits of their own. */
export async function usage(argv: readonly string[], world: World): Promise<ExitCode> {
  const values = parseAlone(argv, {
    ...ADMIN_STACK_OPTIONS,
    ...WORK_OPTIONS,
    ...OWNER_OPTIONS,
    ...USAGE_OPTIONS,
    repair: RECONCILE_OPTIONS.repair,
  });
  const { recount, repair, 'max-files': files, 'max-bytes': bytes, 'no-limits': none } = values;
  if (repair === true && recount !== true) throw new UsageError('--repair mends what --recount finds.');
  const isLimited = files !== undefined || bytes !== undefined;
  if (none === true && isLimited)
    throw new UsageError('--no-limits goes without --max-files and --max-bytes.');
  const request: AdminRequest = {
    command: 'usage',
    ...requireOwner(values),
    ...(recount === true && { recount: true }),
    ...(repair === true && { repair: true }),
    ...(none === true && { limits: 'none' as const }),
    ...(isLimited && {
      limits: {
        ...(files !== undefined && { files: parseCount('max-files', files, [0, MOST_FILES]) }),
        ...(bytes !== undefined && { bytes: parseBytes('max-bytes', bytes) }),
      },
    }),
  };
  return doWork({ name: 'usage', request }, values, world);
}
