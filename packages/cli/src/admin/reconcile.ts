import { Complaint, UsageError } from '../complaint.ts';
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
  inventory: {
    type: 'string',
    multiple: true,
    value: 'manifest',
    help: 'reconcile: by a report of S3 Inventory, s3://bucket/…/manifest.json, in place of listing a bucket; one for each bucket',
  },
} as const satisfies Options;

/** A listing brings 100 objects a call; beyond so many of them it takes hours, and S3 has reports. */
const LISTED_AT_MOST = 1_000_000;

/** Compares buckets and ledger, both ways. */
export async function reconcile(argv: readonly string[], world: World): Promise<ExitCode> {
  const values = parseAlone(argv, { ...ADMIN_STACK_OPTIONS, ...WORK_OPTIONS, ...RECONCILE_OPTIONS });
  const { repair, orphans, missing, inventory } = values;
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
  if (inventory !== undefined) {
    const { reconcileReports } = await import('./inventory/reconcile.ts');
    return reconcileReports(inventory, request, values, world);
  }
  return doWork({ name: 'reconcile', request, refuseMore }, values, world);
}

function refuseMore(counts: Readonly<Record<string, number>>, cursor: string): Complaint | undefined {
  const listed = Object.values(counts).reduce((sum, count) => sum + count, 0);
  if (cursor.startsWith('rows:') || listed < LISTED_AT_MOST) return undefined;
  return new Complaint(
    `${listed} objects were listed, and there are more.`,
    'Compare by reports of S3 Inventory (--inventory, docs/admin.md), or list another million.',
  );
}
