import { toChecksum } from '@sluice/contract/checksum';
import { isWaiting } from '@sluice/contract/state';
import type { Upload } from '@sluice/contract/upload';
import { sniff } from '../sniff/sniff.ts';
import { PREFIX_BYTES } from '../sniff/source.ts';
import { about } from './about.ts';
import { accept } from './accept.ts';
import { decide } from './decide.ts';
import { Busy, CopyUnfinished, Superseded } from './faults.ts';
import { judgeScans } from './judge-scans.ts';
import type { Keep } from './keep.ts';
import { parseKey } from './key.ts';
import type { Policies } from './policy.ts';
import type { ByteRange, Ledger, ObjectFacts, Objects, Scanners } from './ports.ts';
import { reject } from './reject.ts';
import { removeLeftovers } from './remove.ts';
import { beginScanning } from './scan.ts';
import { setAside } from './unrequested.ts';

export type VerifyDeps = {
  readonly ledger: Ledger;
  readonly objects: Objects;
  readonly policies: Policies;
  readonly now: () => number;
  readonly newId: () => string;
  readonly rowRetentionInSeconds: number;
  /** sends the arrival to the queue again */
  readonly announce: (upload: Upload) => Promise<void>;
  /** absent where the deployment has no scanners */
  readonly scanners?: Scanners | undefined;
};

/** How an arrival ended. Anything else is thrown, and the queue brings the arrival again. */
export type Outcome =
  | { readonly kind: 'accepted' | 'rejected'; readonly upload: Upload; readonly facts: ObjectFacts }
  /** a late or repeated arrival for a settled upload: what it left in incoming is removed */
  | { readonly kind: 'leftover'; readonly upload: Upload }
  /**
   * it passed every check, and its policy demands scanners that have yet to judge it; `held` if one of them
   * is not configured
   */
  | { readonly kind: 'scanning' | 'held'; readonly upload: Upload; readonly facts: ObjectFacts }
  /** an arrival for an upload that waits for its scanners: there is nothing to do */
  | { readonly kind: 'waiting'; readonly upload: Upload }
  /**
   * an object too large to be copied in one run: its arrival was announced again, and the next run goes on
   */
  | { readonly kind: 'unfinished'; readonly upload: Upload }
  /** nobody asked for this object: it is in quarantine */
  | { readonly kind: 'unrequested' }
  /** the object is gone, so there is nothing to judge */
  | { readonly kind: 'gone' };

// After a lease has run out, the queue brings the arrival again before the sweep does: it never pauses for
// longer than this.
const SWEEP_AFTER_LEASE_IN_MS = 15 * 60_000;

// A row that is due between these needs no other due time. The queue brings the arrival of a worker that
// died within a minute, and for more than an hour: only one that was lost as well waits for the sweep. A
// sweep that comes sooner announces it once more, which is harmless. The shipped policies await a file for
// two hours at most.
const LEFT_TO_THE_QUEUE_MS = 5 * 60_000;
const FOUND_AGAIN_WITHIN_MS = 3 * 3_600_000;

/** The object of an arrival: the version that S3 named, or the newest if it named none. */
export type Arrived = { readonly key: string; readonly versionId?: string };

/**
 * Verifies one arrival: head → claim → read the first bytes → decide → accept or reject. Where the policy
 * demands scanners, it asks them before it accepts, and the arrival comes again with what they said. If the
 * bucket keeps versions, the one that the first worker found is judged, whatever comes after. It takes four
 * S3 calls, two ledger calls and PREFIX_BYTES of the object, whatever its size; formats that keep their table
 * at the end take one more small GET (sniff.ts). If a checksum was declared and the store did not record it,
 * the object is streamed once. Safe to repeat and to run twice at once.
 * @param leaseInMs how long another worker waits for one that gives no sign of life
 * @param keep renews the lease while the work takes longer
 */
export async function verify(
  deps: VerifyDeps,
  { key, versionId }: Arrived,
  leaseInMs: number,
  signal: AbortSignal,
  keep: Keep = (_renew, work) => work(signal),
): Promise<Outcome> {
  const { ledger, objects } = deps;
  // The object comes first: an event may be late or repeated, and only a HEAD shows what is there now.
  const arrived = await objects.facts('incoming', key, versionId);
  if (arrived === undefined) return { kind: 'gone' };

  const id = parseKey(key)?.id;
  const now = deps.now();
  const claim =
    id === undefined
      ? ({ kind: 'unknown' } as const)
      : await ledger.claim(id, {
          key,
          versionId: arrived.versionId,
          worker: deps.newId(),
          now,
          ...toLease(now, leaseInMs),
        });

  switch (claim.kind) {
    case 'unknown':
      await setAside(objects, key, arrived, signal);
      return { kind: 'unrequested' };
    case 'busy':
      throw about(new Busy(claim.upload), claim.upload);
    case 'waiting':
      await removeLater(objects, claim.upload, arrived);
      return { kind: 'waiting', upload: claim.upload };
    case 'settled':
      await explainLateness(ledger, claim.upload);
      await removeLeftovers(objects, claim.upload, arrived);
      return { kind: 'leftover', upload: claim.upload };
    case 'claimed':
      return judgeUnderLease(deps, claim.upload, arrived, { leaseInMs, signal, keep });
  }
}

/**
 * Scanners look at the pinned version. One that came later is removed unread, as it would be after the
 * verdict: what it hides would leave the bucket after a day.
 */
async function removeLater(
  objects: Objects,
  { key, versionId }: Upload,
  arrived: ObjectFacts,
): Promise<void> {
  if (versionId === undefined || versionId === arrived.versionId) return;
  const pinned = await objects.facts('incoming', key, versionId);
  if (pinned !== undefined) await objects.remove('incoming', key, arrived);
}

/**
 * S3 answered these bytes with a 200, so only this row can show their sender that they came too late. It is
 * written before they are removed, so that a run that dies in between writes it again.
 */
async function explainLateness(ledger: Ledger, upload: Upload): Promise<void> {
  if (upload.state !== 'expired' || upload.settledAt === undefined) return;
  const expired = new Date(upload.settledAt).toISOString();
  await ledger.explain(
    upload,
    `The file arrived after the upload had expired at ${expired}, and was removed unread: request the upload again. A slow connection has more time in parts.`,
  );
}

async function judgeUnderLease(
  deps: VerifyDeps,
  upload: Upload,
  arrived: ObjectFacts,
  { leaseInMs, signal, keep }: { leaseInMs: number; signal: AbortSignal; keep: Keep },
): Promise<Outcome> {
  let isOvertaken = false;
  const renew = async (): Promise<boolean> => {
    isOvertaken = !(await deps.ledger.renew(upload, toLease(deps.now(), leaseInMs)));
    return !isOvertaken;
  };
  let judged: ObjectFacts | undefined;
  try {
    return await keep(renew, async (held) => {
      judged = await findPinned(deps, upload, arrived);
      return judgePinned(deps, upload, { arrived, judged }, held);
    });
  } catch (error) {
    // If the work was stopped because another worker has the upload, its error means only that.
    if (isOvertaken && !signal.aborted) throw about(new Superseded(upload), upload);
    if (error instanceof CopyUnfinished) return goOnLater(deps, upload, judged?.versionId);
    // So that the next try need not wait for the lease. If this fails as well, it waits.
    await deps.ledger.release(upload).catch(() => undefined);
    throw about(error, upload);
  }
}

function toLease(now: number, leaseInMs: number) {
  return {
    leaseEndsAt: now + leaseInMs,
    dueAt: now + leaseInMs + SWEEP_AFTER_LEASE_IN_MS,
    dueBetween: [now + leaseInMs + LEFT_TO_THE_QUEUE_MS, now + FOUND_AGAIN_WITHIN_MS],
  } as const;
}

/**
 * The version to judge: the pinned one, or the one that arrived if none is pinned or the pinned one is gone.
 */
async function findPinned(
  { objects }: VerifyDeps,
  { key, versionId }: Upload,
  arrived: ObjectFacts,
): Promise<ObjectFacts> {
  if (versionId === undefined || versionId === arrived.versionId) return arrived;
  // Gone before it was judged: the version that arrived is all there is. Parts of an earlier copy hold other
  // bytes.
  return (
    (await objects.facts('incoming', key, versionId)) ?? { ...arrived, modifiedAt: Number.POSITIVE_INFINITY }
  );
}

/** Judges one version. If another one arrived, it came later, and is removed. */
async function judgePinned(
  deps: VerifyDeps,
  upload: Upload,
  { arrived, judged }: { readonly arrived: ObjectFacts; readonly judged: ObjectFacts },
  signal: AbortSignal,
): Promise<Outcome> {
  const outcome = await judge(deps, upload, judged, signal);
  if (judged.versionId !== arrived.versionId) {
    await (isWaiting(outcome.upload.state)
      ? removeLater(deps.objects, outcome.upload, arrived)
      : removeLeftovers(deps.objects, outcome.upload, arrived));
  }
  return outcome;
}

/**
 * Announces the arrival again instead of failing: a large copy may take many runs, and the queue gives up
 * after a few failures. The judged version is pinned from now on, so that the next run recognises the parts
 * of this one.
 */
async function goOnLater(
  { ledger, announce }: VerifyDeps,
  upload: Upload,
  versionId: string | undefined,
): Promise<Outcome> {
  await ledger.release(upload, versionId);
  await announce(upload);
  return { kind: 'unfinished', upload };
}

async function judge(
  deps: VerifyDeps,
  upload: Upload,
  facts: ObjectFacts,
  signal: AbortSignal,
): Promise<Extract<Outcome, { facts: ObjectFacts }>> {
  const read = (range: ByteRange) => deps.objects.readRange(upload.key, facts, range, signal);
  const prefix = await read({ start: 0, length: PREFIX_BYTES });
  const checksums = await gatherChecksums(deps.objects, upload, facts, signal);
  const sniffed = await sniff({ size: facts.size, prefix, read }, { declaredType: upload.contentType });
  const verdict = decide(upload, deps.policies[upload.policy], { ...facts, checksums, sniffed });
  const checksum = toChecksum(checksums, upload.checksum?.algorithm);
  const evidence = {
    etag: facts.etag,
    ...(facts.versionId !== undefined && { versionId: facts.versionId }),
    size: facts.size,
    ...('type' in sniffed && sniffed.type !== undefined && { detectedType: sniffed.type }),
    ...(checksum && { checksum }),
  };
  const policy = deps.policies[upload.policy];
  // Only what is good otherwise goes to the scanners. Right before the copy: what they said is of these
  // facts' very version, and the copy is pinned to the same.
  const scanned = verdict.accepted && policy !== undefined ? judgeScans(policy, upload, evidence) : undefined;
  if (scanned?.kind === 'wait') {
    const row = await beginScanning(deps, upload, evidence, scanned.missing);
    return { kind: row.state === 'held' ? 'held' : 'scanning', upload: row, facts };
  }
  const refusal = scanned?.kind === 'reject' ? scanned : verdict;
  const settled =
    'reason' in refusal
      ? await reject(deps, upload, facts, { ...refusal, evidence }, signal)
      : await accept(deps, upload, facts, { ...refusal, evidence }, signal);
  return { kind: settled.state === 'accepted' ? 'accepted' : 'rejected', upload: settled, facts };
}

/** The checksums that S3 recorded; if it did not record the declared one, that is computed from the bytes. */
async function gatherChecksums(
  objects: Objects,
  upload: Upload,
  facts: ObjectFacts,
  signal: AbortSignal,
): Promise<ObjectFacts['checksums']> {
  const declared = upload.checksum?.algorithm;
  // A wrong size already decides the verdict: no reason to read the bytes.
  const isWrongSize = upload.size !== undefined && facts.size !== upload.size;
  if (declared === undefined || facts.checksums[declared] !== undefined || isWrongSize) {
    return facts.checksums;
  }
  const { value } = await objects.hash(upload.key, facts, declared, signal);
  return { ...facts.checksums, [declared]: value };
}
