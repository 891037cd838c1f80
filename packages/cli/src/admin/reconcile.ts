import { UsageError } from '../complaint.ts';
import { parseAlone } from '../events/options.ts';
import type { ExitCode } from '../exit.ts';
import type { Options } from '../options.ts';
import type { World } from '../world.ts';
import type { AdminRequest } from './invoke.ts';
import { ADMIN_STACK_OPTIONS, WORK_OPTIONS } from './options.ts';
import { doWork } from './work.ts';

export const RECONCILE_OPTIONS = {
  repair: { type: 'boolean', help: 'reconcile: have the sweep and verification mend what they can' },
  orphans: {
    type: 'string',
    value: 'set-aside',
    help: 'reconcile: move files of the store that no row knows to quarantine',
  },
  missing: {
    type: 'string',
    value: 'end',
    help: 'reconcile: end accepted uploads whose file is lost for good',
  },
} as const satisfies Options;

/** Compares buckets and ledger, both ways. */
export async function reconcile(argv: readonly string[], world: World): Promise<ExitCode> {
  const values = parseAlone(argv, { ...ADMIN_STACK_OPTIONS, ...WORK_OPTIONS, ...RECONCILE_OPTIONS });
  const { repair, orphans, missing } = values;
  if (orphans !== undefined && orphans !== 'set-aside') {
    throw new UsageError('--orphans knows only one thing: set-aside.');
  }
  if (missing !== undefined && missing !== 'end')
    throw new UsageError('--missing knows only one thing: end.');
  const request: AdminRequest = {
    command: 'reconcile',
    ...(repair === true && { repair: true }),
    ...(orphans === 'set-aside' && { orphans: 'set-aside' }),
    ...(missing === 'end' && { missing: 'end' }),
  };
  return doWork({ name: 'reconcile', request }, values, world);
}
