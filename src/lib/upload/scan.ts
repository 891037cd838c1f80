import type { Scan, Scanner, ScanResult } from '@sluice/contract/scan';
import type { Evidence, Upload } from '@sluice/contract/upload';
import { Superseded } from './faults.ts';
import { isOfVersion, judgeScans, scansOf } from './judge-scans.ts';
import type { Policies } from './policy.ts';
import type { Ledger, Scanners } from './ports.ts';
import { toScanRequest } from './scan-request.ts';

export type ScanDeps = {
  readonly ledger: Pick<Ledger, 'read' | 'recordScan' | 'move'>;
  /** absent where the deployment has no scanners */
  readonly scanners?: Scanners | undefined;
  readonly policies: Policies;
  /** sends the arrival to the queue again, so that it is verified with what scanners said */
  readonly announce: (upload: Upload) => Promise<void>;
  readonly now: () => number;
};

/** After so many failures of one scanner, the upload is held until a person has looked. */
export const MAX_ATTEMPTS = 5;

/** How long after its first failure, its second and so on a scanner is asked again; SQS delays no longer. */
const PAUSES_IN_SECONDS = [15, 60, 300, 900];

/** A scanner that has not answered by then has failed. */
export const SCAN_PATIENCE_MS = 15 * 60_000;

/** How often the sweep looks whether a held upload's object is still there. */
export const HELD_LOOK_MS = 3_600_000;

/**
 * Has the scanners look at the version that this worker has judged: the row says so first, so that a request
 * that is lost is asked again by the sweep. Results for other versions are forgotten. If a scanner is not
 * configured, the upload is held.
 * @throws Superseded if a later worker has taken the upload over
 */
export async function beginScanning(
  deps: ScanDeps,
  upload: Upload,
  evidence: Evidence,
  missing: readonly Scanner[],
): Promise<Upload> {
  const { moved, upload: row } = await deps.ledger.move(upload, 'scanning', {
    evidence,
    scans: scansOf(upload.scans, evidence),
    dueAt: deps.now() + SCAN_PATIENCE_MS,
    ...(evidence.versionId !== undefined && { versionId: evidence.versionId }),
    ...(upload.detail !== undefined && { detail: null }),
  });
  if (!moved || row === undefined) throw new Superseded(upload);
  return (await holdUnless(deps, row, missing)) ?? ask(deps, row, missing, 0);
}

/** What came of a result: nothing, because it is late, repeated or of another object, or what it led to. */
export type Taken = {
  readonly kind: 'ignored' | 'recorded' | 'asked_again' | 'held' | 'announced';
  readonly upload?: Upload;
};

// More scanners than there are, and each says something of its own.
const MAX_TRIES = 5;

/**
 * Takes what a scanner said of an object in incoming. It counts if its upload waits for its scanners, and for
 * this very version; what it says is written down once, and harm outweighs whatever the same scanner said
 * before. Then, if nothing more has to be said, the arrival is announced for the verdict. Safe to repeat.
 */
export async function takeResult(deps: ScanDeps, result: ScanResult): Promise<Taken> {
  let row = await deps.ledger.read(result.uploadId);
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    if (row === undefined || !isAwaited(row, result)) return { kind: 'ignored', ...(row && { upload: row }) };
    const next = toScan(row.scans?.[result.scanner], result, deps.now());
    // Killed after the row was moved and before it was announced: the repeated message announces it.
    if (row.state === 'verifying')
      return next === undefined ? announced(deps, row) : { kind: 'ignored', upload: row };
    if (next === undefined) return conclude(deps, row);
    const isFailed = next.outcome === 'failed';
    const pause = pauseAfter(next.attempt);
    const { recorded, upload } = await deps.ledger.recordScan(row, result.scanner, next, {
      ...(result.scanner === 'inspection' && !isFailed && { inspection: result.inspection ?? {} }),
      ...(isFailed && { dueAt: deps.now() + pause * 1000 + SCAN_PATIENCE_MS }),
    });
    // Somebody else was faster: what the row has of this scanner by now decides.
    row = upload;
    if (!recorded || row === undefined) continue;
    const taken = await conclude(deps, row);
    if (!isFailed || taken.kind !== 'recorded') return taken;
    return { kind: 'asked_again', upload: await ask(deps, row, [result.scanner], pause) };
  }
  throw new Error(`the results of upload ${result.uploadId} change faster than they can be written down`);
}

/**
 * Counts it as a failure of each scanner that has not answered in time, and asks them again. If all have
 * answered, and only the announcement was lost, the arrival is announced. Undefined if the row has moved on.
 */
export async function askAgain(deps: ScanDeps, seen: Upload): Promise<Taken | undefined> {
  const { evidence } = seen;
  const policy = policyOf(deps, seen);
  if (evidence === undefined || policy === undefined) return announceNow(deps, seen);
  const verdict = judgeScans(policy, seen, evidence);
  if (verdict.kind !== 'wait') return announceNow(deps, seen);
  let row = seen;
  const pauses: { readonly scanner: Scanner; readonly pause: number }[] = [];
  for (const scanner of verdict.missing) {
    const before = row.scans?.[scanner];
    const { etag, versionId } = evidence;
    const scan: Scan = {
      outcome: 'failed',
      etag,
      ...(versionId !== undefined && { versionId }),
      at: deps.now(),
      attempt: (before?.attempt ?? 0) + 1,
      detail: 'It did not answer in time.',
    };
    const pause = pauseAfter(scan.attempt);
    pauses.push({ scanner, pause });
    const dueAt = deps.now() + pause * 1000 + SCAN_PATIENCE_MS;
    const { recorded, upload } = await deps.ledger.recordScan(row, scanner, scan, { dueAt });
    if (!recorded || upload === undefined) return undefined;
    row = upload;
  }
  const taken = await conclude(deps, row);
  if (taken.kind !== 'recorded') return taken;
  for (const { scanner, pause } of pauses) await ask(deps, row, [scanner], pause);
  return { kind: 'asked_again', upload: row };
}

/**
 * Frees a held upload: failures are forgotten, and it is verified again, which asks the scanners that have
 * not judged it yet. Undefined if it is not held any more.
 */
export async function freeHeld(
  deps: Omit<ScanDeps, 'scanners'>,
  upload: Upload,
): Promise<Upload | undefined> {
  if (upload.state !== 'held') return undefined;
  const scans = Object.fromEntries(
    Object.entries(upload.scans ?? {}).filter(([, { outcome }]) => outcome !== 'failed'),
  );
  const { moved, upload: row } = await deps.ledger.move(upload, 'verifying', {
    scans,
    dueAt: deps.now() + SCAN_PATIENCE_MS,
    detail: null,
  });
  if (!moved || row === undefined) return undefined;
  await deps.announce(row);
  return row;
}

/** Whether an upload still waits for this, or was announced with it a moment ago. */
function isAwaited(row: Upload, result: ScanResult): boolean {
  const { state, key, evidence } = row;
  return (
    (state === 'scanning' || state === 'verifying') &&
    key === result.key &&
    evidence !== undefined &&
    isOfVersion(result, evidence)
  );
}

/** What to write down of a result; undefined if the row has it, or something that outweighs it. */
function toScan(before: Scan | undefined, result: ScanResult, now: number): Scan | undefined {
  const { outcome, etag, versionId, threats, detail } = result;
  if (
    before !== undefined &&
    before.outcome !== 'failed' &&
    (outcome !== 'infected' || before.outcome === outcome)
  ) {
    return undefined;
  }
  if (outcome === 'failed' && before !== undefined && isRepeat(before, result, now)) return undefined;
  const attempt = (before?.attempt ?? 0) + 1;
  return {
    outcome,
    etag,
    ...(versionId !== undefined && { versionId }),
    at: now,
    attempt,
    ...(threats !== undefined && { threats }),
    ...(detail !== undefined && { detail }),
  };
}

/**
 * A failure that is told twice counts once. A scanner that does not say which attempt it was has not been
 * asked again before its pause is over.
 */
function isRepeat(before: Scan, { attempt }: ScanResult, now: number): boolean {
  if (attempt !== undefined) return attempt <= before.attempt;
  return now < before.at + pauseAfter(before.attempt) * 1000;
}

/** What the row leads to as it is now. */
async function conclude(deps: ScanDeps, row: Upload): Promise<Taken> {
  const { evidence } = row;
  const policy = policyOf(deps, row);
  // Only the verification decides: also that the policy is gone.
  if (evidence === undefined || policy === undefined) return announceNow(deps, row);
  const verdict = judgeScans(policy, row, evidence);
  if (verdict.kind !== 'wait') return announceNow(deps, row);
  const held = await holdUnless(deps, row, verdict.missing);
  return held === undefined ? { kind: 'recorded', upload: row } : { kind: 'held', upload: held };
}

async function announceNow(deps: ScanDeps, row: Upload): Promise<Taken> {
  const { moved, upload } = await deps.ledger.move(row, 'verifying', {
    dueAt: deps.now() + SCAN_PATIENCE_MS,
  });
  return moved && upload !== undefined
    ? announced(deps, upload)
    : { kind: 'ignored', ...(upload && { upload }) };
}

async function announced({ announce }: ScanDeps, upload: Upload): Promise<Taken> {
  await announce(upload);
  return { kind: 'announced', upload };
}

/** The row, if a scanner that it waits for is not configured, or has failed too often: it is held. */
async function holdUnless(
  { ledger, scanners, now }: ScanDeps,
  row: Upload,
  missing: readonly Scanner[],
): Promise<Upload | undefined> {
  const unknown = missing.find((scanner) => !scanners?.configured.has(scanner));
  const exhausted = missing.find((scanner) => (row.scans?.[scanner]?.attempt ?? 0) >= MAX_ATTEMPTS);
  if (unknown === undefined && exhausted === undefined) return undefined;
  const why = exhausted === undefined ? undefined : row.scans?.[exhausted]?.detail;
  const { upload } = await ledger.move(row, 'held', {
    dueAt: now() + HELD_LOOK_MS,
    detail:
      unknown === undefined
        ? `The scanner ${exhausted} failed ${MAX_ATTEMPTS} times${why === undefined ? '.' : `: ${why}`}`
        : `The scanner ${unknown} is not configured.`,
  });
  return upload ?? row;
}

async function ask(
  { scanners }: ScanDeps,
  row: Upload,
  missing: readonly Scanner[],
  delaySeconds: number,
): Promise<Upload> {
  if (scanners === undefined) return row;
  const { bucket } = scanners;
  const requests = missing.map((scanner) =>
    toScanRequest(row, { scanner, bucket, attempt: (row.scans?.[scanner]?.attempt ?? 0) + 1 }),
  );
  await scanners.ask(requests, delaySeconds);
  return row;
}

function policyOf({ policies }: ScanDeps, { policy }: Upload) {
  return Object.hasOwn(policies, policy) ? policies[policy] : undefined;
}

function pauseAfter(attempt: number): number {
  return PAUSES_IN_SECONDS[Math.min(attempt, PAUSES_IN_SECONDS.length) - 1] ?? 0;
}
