import type { AdminCall, AdminPage, ShownUpload } from '@sluice/contract/admin';
import { type AdoptDeps, adopt } from './adopt.ts';
import { type AnnounceDeps, announceIds, announceStuck } from './announce.ts';
import { type BlockDeps, setBlock } from './block.ts';
import { type EraseDeps, erase } from './erase.ts';
import { type ExportDeps, exportUploads } from './export.ts';
import { type ReconcileDeps, reconcile } from './reconcile.ts';
import { reconcileReport } from './reconcile-report.ts';
import { type RedriveDeps, redrive } from './redrive.ts';
import { type RejudgeDeps, rejudgeIds, rejudgeWhere } from './rejudge.ts';
import { type RescanDeps, rescanIds, rescanWhere } from './rescan.ts';
import { type RestoreDeps, restoreRows } from './restore.ts';
import { type ShowDeps, showUpload } from './show.ts';
import { showUsage, type UsageDeps } from './usage.ts';
import { type Step, walk } from './walk.ts';

export type AdminDeps = AnnounceDeps &
  ShowDeps &
  RedriveDeps &
  Omit<RejudgeDeps, 'signal'> &
  Omit<ReconcileDeps, 'signal'> &
  RescanDeps &
  RestoreDeps &
  EraseDeps &
  BlockDeps &
  Omit<AdoptDeps, 'signal'> &
  ExportDeps &
  Omit<UsageDeps, 'signal'>;

/** What there is of time: for one more step, and when what is under way has to end. */
export type Time = { readonly hasTime: () => boolean; readonly signal: () => AbortSignal };

/**
 * Does one page of what an operator asks for. Every step may be repeated: whoever was stopped begins again
 * at the cursor that they have, or at the beginning.
 * @throws BadCall
 */
export async function administer(
  deps: AdminDeps,
  call: AdminCall,
  { hasTime, signal }: Time,
): Promise<AdminPage | ShownUpload> {
  if (call.command === 'show') return showUpload(deps, call.id, call.key);
  // Addresses of an export end soon: a page is no more than what is fetched meanwhile.
  const mayGoOn = call.command === 'export' ? () => false : hasTime;
  return walk(toStep({ ...deps, signal }, call), call.cursor, mayGoOn);
}

function toStep(
  deps: AdminDeps & Pick<RejudgeDeps, 'signal'>,
  call: Exclude<AdminCall, { command: 'show' }>,
): Step {
  const { dryRun = false } = call;
  switch (call.command) {
    case 'announce':
      return call.ids === undefined
        ? announceStuck(deps, call.stuckForSeconds * 1000, dryRun)
        : announceIds(deps, call.ids, dryRun);
    case 'redrive':
      return redrive(deps, call.queue, call.causes, dryRun);
    case 'rejudge':
      return call.ids === undefined
        ? rejudgeWhere(deps, call.where, dryRun, call.segment)
        : rejudgeIds(deps, call.ids, dryRun);
    case 'rescan':
      return call.ids === undefined
        ? rescanWhere(deps, call.where, dryRun, call.segment)
        : rescanIds(deps, call.ids, dryRun);
    case 'reconcile': {
      const isAsked = !dryRun;
      const repairs = {
        repair: isAsked && call.repair === true,
        orphans: isAsked && call.orphans === 'set-aside',
        missing: isAsked && call.missing === 'end',
      };
      return call.report === undefined
        ? reconcile(deps, repairs)
        : reconcileReport(deps, repairs, call.report);
    }
    case 'restore':
      return restoreRows(deps, call.table, dryRun);
    case 'erase':
      return erase(deps, toOwner(call), dryRun);
    case 'export':
      return exportUploads(deps, toOwner(call));
    case 'adopt': {
      const { bucket, prefix = '', policy, tenant, subject, isList = false } = call;
      return adopt(deps, { bucket, prefix, policy, tenant, subject }, { dryRun, isList });
    }
    case 'usage': {
      const { recount = false, repair = false, limits } = call;
      return showUsage(deps, toOwner(call), {
        recount,
        repair: repair && !dryRun,
        ...(limits !== undefined && !dryRun && { limits }),
      });
    }
    case 'block':
    case 'unblock':
      return setBlock(deps, toOwner(call), call.command === 'block', dryRun);
  }
}

function toOwner({ tenant, subject }: { readonly tenant: string; readonly subject?: string }) {
  return { tenant, ...(subject !== undefined && { subject }) };
}
