import type { Segment } from '@sluice/contract/admin';
import type { Scanner, ScanRequest } from '@sluice/contract/scan';
import type { Upload } from '@sluice/contract/upload';
import { isUploadId } from '../upload/key.ts';
import type { Policies } from '../upload/policy.ts';
import type { Ledger, ObjectFacts, Objects, Scanners } from '../upload/ports.ts';
import { isOf } from '../upload/standing.ts';
import type { AdminLedger } from './ports.ts';
import { createTally, eachOf, type Tally } from './tally.ts';
import { overList, type Step } from './walk.ts';

export type RescanDeps = {
  readonly ledger: Pick<Ledger, 'readMany'>;
  readonly table: Pick<AdminLedger, 'scan'>;
  readonly objects: Pick<Objects, 'facts'>;
  /** absent where the deployment has no scanners */
  readonly scanners?: Scanners | undefined;
  readonly policies: Policies;
  readonly storeBucket: string;
};

/** Which accepted files are scanned again. */
export type Stored = { readonly policy?: string; readonly since?: number };

const SCANNED_ROWS = 200;
const STEP_ROWS = 50;

/** Asks the scanners about these files again. */
export function rescanIds(deps: RescanDeps, ids: readonly string[], dryRun: boolean): Step {
  return overList(ids, STEP_ROWS, async (some) => {
    const tally = createTally();
    const { uploads, unreadable, missing } = await deps.ledger.readMany(some.filter(isUploadId));
    for (const id of [...some.filter((one) => !isUploadId(one)), ...missing]) tally.note('unknown', { id });
    for (const { id, message } of unreadable) tally.note('unreadable', { id, detail: message });
    await eachOf(tally, uploads, idOf, (upload) => askAbout(deps, tally, upload, dryRun));
    return tally.page();
  });
}

/**
 * Asks the scanners about accepted files again: those whose policy of today demands a scanner that looks for
 * harm. Nothing is decided here: a result that says infected has the upload recalled, and every other one
 * changes nothing.
 */
export function rescanWhere(
  deps: RescanDeps,
  { policy, since = 0 }: Stored,
  dryRun: boolean,
  segment?: Segment,
): Step {
  return async (after) => {
    const tally = createTally();
    const filter = { states: ['accepted'] as const, ...(policy !== undefined && { policy }) };
    const { uploads, unreadable, next } = await deps.table.scan(filter, after, SCANNED_ROWS, segment);
    for (const { id, message } of unreadable) tally.note('unreadable', { id, detail: message });
    const meant = uploads.filter(({ settledAt = 0 }) => settledAt >= since);
    await eachOf(tally, meant, idOf, (upload) => askAbout(deps, tally, upload, dryRun));
    return tally.page(next);
  };
}

function idOf({ id }: Upload): string {
  return id;
}

async function askAbout(deps: RescanDeps, tally: Tally, upload: Upload, dryRun: boolean): Promise<void> {
  const { id, key, state } = upload;
  if (state !== 'accepted') return tally.note('not accepted', { id, detail: `It is ${state}.` });
  const { scanners } = deps;
  const asked = (deps.policies[upload.policy]?.scanners ?? []).filter(
    // What inspection finds does not change, and is no harm.
    (scanner) => scanner !== 'inspection' && scanners?.configured.has(scanner),
  );
  if (scanners === undefined || asked.length === 0) return tally.note('no scanner');
  const facts = await deps.objects.facts('store', key);
  if (facts === undefined || !isOf(facts, upload)) return tally.note('file missing', { id });
  const requests = asked.map((scanner) => toRequest(deps, upload, facts, scanner));
  if (!dryRun) await scanners.ask(requests, 0);
  tally.note('asked');
}

function toRequest(
  { storeBucket }: RescanDeps,
  { id, key, filename, policy, contentType, servedType, correlationId }: Upload,
  { etag, versionId, size }: ObjectFacts,
  scanner: Scanner,
): ScanRequest {
  return {
    schema: 1,
    scanner,
    uploadId: id,
    bucket: storeBucket,
    key,
    ...(versionId !== undefined && { versionId }),
    etag,
    size,
    contentType: servedType ?? contentType,
    filename,
    policy,
    attempt: 1,
    correlationId,
  };
}
