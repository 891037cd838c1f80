import { createHash } from 'node:crypto';
import type { NameFlaw } from '@sluice/contract/filename';
import { SINGLE_UPLOAD_MAX_BYTES } from '@sluice/contract/part-plan';
import { Refusal } from '@sluice/contract/refusals';
import { toExactSize } from '@sluice/contract/size-text';
import type { Declaration, Readers, Transport } from '@sluice/contract/upload';
import { type Policy, sizeLimits } from './policy.ts';

/**
 * What a caller wants to upload. If no transport is named, the size decides; if no readers are, the policy.
 */
export type Intent = Declaration & {
  readonly policy?: string;
  readonly transport?: Transport;
  readonly readers?: Readers;
  /** the app's own id of what the file is for */
  readonly reference?: string;
};

/** Refuses with the code of the flaw, if there is one. */
export function requireGoodName(flaw: NameFlaw | undefined): void {
  if (flaw !== undefined) throw new Refusal(flaw.code, { field: 'filename', detail: flaw.detail });
}

/**
 * Refuses what a policy does not take: `size_below_minimum`, `size_over_limit`, `checksum_required`,
 * `metadata_key_unknown`.
 */
export function checkAgainst(policy: Policy, intent: Intent): void {
  const { size, maxBytes, checksum, metadata } = intent;
  const { min, max } = sizeLimits(policy, intent);
  const least = size ?? maxBytes;
  if (least !== undefined && least < min) {
    throw new Refusal('size_below_minimum', {
      field: 'size',
      detail: `The file has ${size === undefined ? 'at most ' : ''}${toExactSize(least)}; the policy takes files from ${toExactSize(min)}.`,
    });
  }
  if (size !== undefined && size > max) {
    throw new Refusal('size_over_limit', {
      field: 'size',
      detail: `The file has ${toExactSize(size)}; the policy takes files up to ${toExactSize(max)}.`,
    });
  }
  if (policy.checksum === 'required' && checksum === undefined) {
    throw new Refusal('checksum_required', { field: 'checksum' });
  }
  const unknown = Object.keys(metadata).find((key) => policy.metadataKeys?.includes(key) === false);
  if (unknown !== undefined) throw new Refusal('metadata_key_unknown', { field: `metadata.${unknown}` });
}

/** Refuses `multipart_required`, `multipart_empty`, `multipart_checksum`. */
export function chooseTransport({ transport, size, checksum }: Intent): Transport {
  const isLarge = size !== undefined && size > SINGLE_UPLOAD_MAX_BYTES;
  const chosen = transport ?? (isLarge ? 'multipart' : 'put');
  if (chosen !== 'multipart') {
    if (isLarge) throw new Refusal('multipart_required', { field: 'transport' });
    return chosen;
  }
  if (size === 0) throw new Refusal('multipart_empty', { field: 'transport' });
  // S3 has SHA digests only of a multipart upload's parts; computing one here would mean reading all of a
  // large object.
  if (checksum?.algorithm === 'sha256' || checksum?.algorithm === 'sha1') {
    throw new Refusal('multipart_checksum', { field: 'checksum.algorithm' });
  }
  return chosen;
}

/** Of all that was asked for: two requests with one Idempotency-Key have to ask for the same. */
export function toFingerprint({
  filename,
  contentType,
  size,
  checksum,
  metadata,
  policy,
  transport,
  readers,
  reference,
}: Intent): string {
  return createHash('sha256')
    .update(
      JSON.stringify([
        filename,
        contentType,
        size,
        checksum?.algorithm,
        checksum?.value,
        Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1)),
        policy,
        transport,
        // Last, and only where they were asked for: the digests of requests without them stay what they were.
        ...(readers === undefined ? [] : [readers]),
        ...(reference === undefined ? [] : [{ reference }]),
      ]),
    )
    .digest('base64url');
}
