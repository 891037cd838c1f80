import { toChecksum } from '@sluice/contract/checksum';
import type { Upload } from '@sluice/contract/upload';
import type { RejectReason } from '@sluice/contract/verdict';
import { Superseded } from './faults.ts';
import { LAST_LOOK_AFTER_MS } from './last-look.ts';
import type { Ledger, ObjectFacts, Objects } from './ports.ts';

/**
 * What the buckets themselves say about an upload. A copy reaches the store only after its bytes were
 * accepted, and it names its upload: such a verdict is final, whatever an older row or later bytes say. A
 * rejection is final too, unless the store has a copy.
 */
export type Standing =
  | { readonly state: 'accepted'; readonly facts: ObjectFacts }
  | { readonly state: 'rejected'; readonly facts: ObjectFacts; readonly reason: RejectReason };

/** The verdict in the buckets; undefined if there is none. At most two HEADs. */
export async function readStanding(
  objects: Pick<Objects, 'facts'>,
  upload: Upload,
): Promise<Standing | undefined> {
  const stored = await objects.facts('store', upload.key);
  if (stored !== undefined && isOf(stored, upload)) return { state: 'accepted', facts: stored };
  const quarantined = await objects.facts('quarantine', upload.key);
  const reason = quarantined?.metadata.reason;
  if (quarantined === undefined || !isNamedAfter(quarantined, upload) || reason === undefined)
    return undefined;
  return { state: 'rejected', facts: quarantined, reason: reason as RejectReason }; // written by reject.ts alone
}

/**
 * A copy's own metadata: the upload that it belongs to, and the digests of the bytes that were judged. A
 * store that ignores the condition on a copy's source may have copied other bytes.
 */
export function toCopyMetadata(
  { id }: Upload,
  { checksums, md5 }: ObjectFacts,
): Readonly<Record<string, string>> {
  const digests = Object.entries({ ...checksums, ...(md5 !== undefined && { md5 }) });
  return {
    'upload-id': id,
    ...Object.fromEntries(digests.map(([name, value]) => [`judged-${name}`, value])),
  };
}

/** True for a copy that Sluice made of the bytes that it judged for this upload. */
export function isOf(copy: ObjectFacts, upload: Upload): boolean {
  return isNamedAfter(copy, upload) && !isOfOtherBytes(copy);
}

/** True if the copy's own metadata show that it was made of the bytes of this object. */
export function isCopyOf({ metadata }: ObjectFacts, { checksums, md5 }: ObjectFacts): boolean {
  const digests = Object.entries({ ...checksums, ...(md5 !== undefined && { md5 }) });
  const shared = digests.filter(([name]) => metadata[`judged-${name}`] !== undefined);
  return shared.length > 0 && shared.every(([name, value]) => metadata[`judged-${name}`] === value);
}

/**
 * True for a copy that was made for this upload, of bytes that were not judged: they changed during the copy.
 */
export function isFalse(copy: ObjectFacts, upload: Upload): boolean {
  return isNamedAfter(copy, upload) && isOfOtherBytes(copy);
}

function isNamedAfter({ metadata }: ObjectFacts, { id }: Upload): boolean {
  return metadata['upload-id'] === id;
}

/**
 * Checksums decide, otherwise the MD5. If copy and original share neither, nothing shows that they differ.
 */
function isOfOtherBytes({ metadata, checksums, md5 }: ObjectFacts): boolean {
  const shared = Object.entries(checksums).filter(([name]) => metadata[`judged-${name}`] !== undefined);
  if (shared.length > 0) return shared.some(([name, value]) => metadata[`judged-${name}`] !== value);
  const judged = metadata['judged-md5'];
  return md5 !== undefined && judged !== undefined && md5 !== judged;
}

type Deps = {
  readonly ledger: Pick<Ledger, 'move'>;
  readonly now: () => number;
  readonly rowRetentionInSeconds: number;
};

/**
 * Gives the row the verdict in the buckets. Only a row that this worker has claimed can get it.
 * @throws Superseded if a later worker has taken the upload over
 */
export async function adopt(
  { ledger, now, rowRetentionInSeconds }: Deps,
  upload: Upload,
  standing: Standing,
): Promise<Upload> {
  const { etag, size, checksums, contentType } = standing.facts;
  const checksum = toChecksum(checksums, upload.checksum?.algorithm);
  const settledAt = now();
  const { moved, upload: after } = await ledger.move(upload, standing.state, {
    settledAt,
    // The worker that made the copy may have left another one elsewhere.
    dueAt: settledAt + LAST_LOOK_AFTER_MS,
    evidence: { etag, size, ...(checksum && { checksum }) },
    ...(standing.state === 'accepted'
      ? contentType !== undefined && { servedType: contentType }
      : {
          forgetAt: Math.floor(settledAt / 1000) + rowRetentionInSeconds,
          reason: standing.reason,
          detail: 'The upload was rejected before; the verdict was read again from its quarantined copy.',
        }),
  });
  if (!moved || after === undefined) throw new Superseded(upload);
  return after;
}

// Writing down a known verdict takes one call.
const TAKE_OVER_LEASE_IN_MS = 60_000;

/**
 * Gives a row the verdict in the buckets, if no worker has it. Undefined if one has it, or if it is settled.
 * @throws Superseded if a worker has taken the upload over in the meantime
 */
export async function takeOver(
  deps: Deps & { readonly ledger: Pick<Ledger, 'claim'>; readonly newId: () => string },
  { id, key }: Upload,
  standing: Standing,
): Promise<Upload | undefined> {
  const now = deps.now();
  const leaseEndsAt = now + TAKE_OVER_LEASE_IN_MS;
  const lease = { key, worker: deps.newId(), now, leaseEndsAt, dueAt: leaseEndsAt };
  const claim = await deps.ledger.claim(id, lease);
  return claim.kind === 'claimed' ? adopt(deps, claim.upload, standing) : undefined;
}
