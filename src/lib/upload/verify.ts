import { sniff } from '../sniff/sniff.ts';
import { PREFIX_BYTES } from '../sniff/source.ts';
import { accept } from './accept.ts';
import type { Checksum, ChecksumAlgorithm } from './checksum.ts';
import { decide } from './decide.ts';
import type { Keep } from './keep.ts';
import { parseKey } from './key.ts';
import type { Policies } from './policy.ts';
import { type ByteRange, CopyUnfinished, type Ledger, type ObjectFacts, type Objects } from './ports.ts';
import { reject } from './reject.ts';
import { Superseded } from './superseded.ts';
import { setAside } from './unrequested.ts';
import type { Upload } from './upload.ts';

export type VerifyDeps = {
  readonly ledger: Ledger;
  readonly objects: Objects;
  readonly policies: Policies;
  readonly now: () => number;
  readonly newId: () => string;
  readonly rowRetentionInSeconds: number;
  /** sends the arrival down the queue once more */
  readonly announce: (upload: Upload) => Promise<void>;
};

/** How an arrival ended. Anything else is thrown, and the queue brings the arrival again. */
export type Outcome =
  | { readonly kind: 'accepted' | 'rejected'; readonly upload: Upload; readonly facts: ObjectFacts }
  /** a late or repeated arrival for an upload that is settled: what was left of it in incoming is removed */
  | { readonly kind: 'leftover'; readonly upload: Upload }
  /** an object too large to be copied in one run: its arrival was announced again, and the next run goes on */
  | { readonly kind: 'unfinished'; readonly upload: Upload }
  /** nobody asked for this object: it is in quarantine */
  | { readonly kind: 'unrequested' }
  /** there is no such object any more, so there is nothing to judge */
  | { readonly kind: 'gone' };

/** Another worker is verifying the same upload. A fault: the queue asks again, and finds it settled. */
export class Busy extends Error {
  constructor(upload: Upload) {
    super(`upload ${upload.id} is being verified by another worker`);
    this.name = 'Busy';
  }
}

// After a lease has run out, the queue brings the arrival again before the sweep does: it never pauses for longer than this.
const SWEEP_AFTER_LEASE_IN_MS = 15 * 60_000;

/**
 * Verifies one arrival: head → claim → read the first bytes → decide → accept or reject.
 * Four S3 calls and two ledger calls, and PREFIX_BYTES of the object, whatever its size; one small GET more for the
 * formats that keep their table at the end (sniff.ts);
 * unless a checksum was declared and the store did not record it, which costs one streamed read.
 * Safe to repeat and to run twice at once.
 * @param leaseInMs how long a rival waits for a worker that gives no sign of life
 * @param keep renews the lease while the work takes longer
 */
export const verify = async (
  deps: VerifyDeps,
  key: string,
  leaseInMs: number,
  signal: AbortSignal,
  keep: Keep = (_renew, work) => work(signal),
): Promise<Outcome> => {
  const { ledger, objects } = deps;
  // The object first: an event may be late or repeated, and only a HEAD says what is there now.
  const facts = await objects.facts('incoming', key);
  if (facts === undefined) return { kind: 'gone' };

  const id = parseKey(key)?.id;
  const now = deps.now();
  const claim =
    id === undefined
      ? ({ kind: 'unknown' } as const)
      : await ledger.claim(id, {
          key,
          worker: deps.newId(),
          now,
          ...toLease(now, leaseInMs),
        });

  switch (claim.kind) {
    case 'unknown':
      await setAside(objects, key, facts, signal);
      return { kind: 'unrequested' };
    case 'busy':
      throw new Busy(claim.upload);
    case 'settled':
      await removeLeftover(objects, claim.upload);
      return { kind: 'leftover', upload: claim.upload };
    case 'claimed':
      return judgeUnderLease(deps, claim.upload, facts, { leaseInMs, signal, keep });
  }
};

const judgeUnderLease = async (
  deps: VerifyDeps,
  upload: Upload,
  facts: ObjectFacts,
  { leaseInMs, signal, keep }: { leaseInMs: number; signal: AbortSignal; keep: Keep },
): Promise<Outcome> => {
  let isOvertaken = false;
  const renew = async (): Promise<boolean> => {
    isOvertaken = !(await deps.ledger.renew(upload, toLease(deps.now(), leaseInMs)));
    return !isOvertaken;
  };
  try {
    return await keep(renew, (held) => judge(deps, upload, facts, held));
  } catch (error) {
    // What was stopped because another worker has the upload says nothing else, whatever it says.
    if (isOvertaken && !signal.aborted) throw new Superseded(upload);
    if (error instanceof CopyUnfinished) return goOnLater(deps, upload);
    // So that the next try need not wait for the lease. Where this fails as well, it waits.
    await deps.ledger.release(upload).catch(() => undefined);
    throw error;
  }
};

const toLease = (now: number, leaseInMs: number) => ({
  leaseEndsAt: now + leaseInMs,
  dueAt: now + leaseInMs + SWEEP_AFTER_LEASE_IN_MS,
});

/** Announced anew rather than failed: a large copy may take many runs, and the queue gives up after a few failures. */
const goOnLater = async ({ ledger, announce }: VerifyDeps, upload: Upload): Promise<Outcome> => {
  await ledger.release(upload);
  await announce(upload);
  return { kind: 'unfinished', upload };
};

const judge = async (
  deps: VerifyDeps,
  upload: Upload,
  facts: ObjectFacts,
  signal: AbortSignal,
): Promise<Outcome> => {
  const read = (range: ByteRange) => deps.objects.readRange(upload.key, facts, range, signal);
  const prefix = facts.size === 0 ? new Uint8Array() : await read({ start: 0, length: PREFIX_BYTES });
  const checksums = await gatherChecksums(deps.objects, upload, facts, signal);
  const sniffed = await sniff({ size: facts.size, prefix, read }, { declaredType: upload.contentType });
  const verdict = decide(upload, deps.policies[upload.policy], { ...facts, checksums, sniffed });
  const checksum = toChecksum(checksums, upload.checksum?.algorithm);
  const evidence = {
    etag: facts.etag,
    size: facts.size,
    ...('type' in sniffed && sniffed.type !== undefined && { detectedType: sniffed.type }),
    ...(checksum && { checksum }),
  };
  return verdict.accepted
    ? { kind: 'accepted', upload: await accept(deps, upload, facts, { ...verdict, evidence }, signal), facts }
    : {
        kind: 'rejected',
        upload: await reject(deps, upload, facts, { ...verdict, evidence }, signal),
        facts,
      };
};

/** What S3 recorded; where a checksum was declared that it did not record, that one is computed from the bytes. */
const gatherChecksums = async (
  objects: Objects,
  upload: Upload,
  facts: ObjectFacts,
  signal: AbortSignal,
): Promise<ObjectFacts['checksums']> => {
  const declared = upload.checksum?.algorithm;
  // A size that is wrong already decides the verdict: no reason to read the bytes.
  const isWrongSize = upload.size !== undefined && facts.size !== upload.size;
  if (declared === undefined || facts.checksums[declared] !== undefined || isWrongSize) {
    return facts.checksums;
  }
  const { value } = await objects.hash(upload.key, facts, declared, signal);
  return { ...facts.checksums, [declared]: value };
};

const toChecksum = (
  checksums: ObjectFacts['checksums'],
  preferred: ChecksumAlgorithm | undefined,
): Checksum | undefined => {
  const algorithms = Object.keys(checksums) as ChecksumAlgorithm[];
  const algorithm = preferred !== undefined && checksums[preferred] ? preferred : algorithms[0];
  const value = algorithm && checksums[algorithm];
  return algorithm && value ? { algorithm, value } : undefined;
};

/**
 * A settled upload's key can fill again while its URL lives, and an original can outlast a worker that died before
 * removing it. Neither is wanted. A copy left by a worker that was overtaken goes too, where the row says there is none.
 */
const removeLeftover = async (objects: Objects, upload: Upload): Promise<void> => {
  if (upload.state !== 'accepted') await objects.remove('store', upload.key);
  await objects.remove('incoming', upload.key);
};
