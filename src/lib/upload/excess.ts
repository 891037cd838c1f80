import { LEAST_PART_BYTES, MAX_PARTS } from '@sluice/contract/part-plan';
import type { MultipartUpload, Upload } from '@sluice/contract/upload';
import { type Policies, sizeLimits } from './policy.ts';
import type { ArrivedPart, Ledger, Multipart } from './ports.ts';

export type ExcessDeps = {
  readonly ledger: Pick<Ledger, 'move'>;
  readonly multipart: Pick<Multipart, 'list' | 'abort'>;
  readonly policies: Policies;
  readonly now: () => number;
  readonly rowRetentionInSeconds: number;
};

/**
 * How often the parts of an upload without a declared size are checked: as long as the URL of a part is
 * valid.
 */
export const LOOK_AGAIN_AFTER_MS = 3_600_000;

type InParts = Upload & { readonly multipart: MultipartUpload };

/**
 * The bytes that an upload may have, both ends included. Any number if the policy is gone: the verdict
 * rejects it.
 */
export function limitsOf(policies: Policies, upload: Upload): { readonly min: number; readonly max: number } {
  const policy = policies[upload.policy];
  return policy ? sizeLimits(policy, upload) : { min: 0, max: upload.maxBytes ?? Number.POSITIVE_INFINITY };
}

/**
 * The highest number that a part may have. Without a declared size, it is that of a file of the greatest
 * size: S3 accepts no part below 5 MiB except the last, so a file that needs more parts has too many bytes.
 */
export function highestPart(policies: Policies, upload: InParts): number {
  const { plan } = upload.multipart;
  if (plan !== undefined) return plan.partCount;
  return Math.min(MAX_PARTS, Math.max(1, Math.ceil(limitsOf(policies, upload).max / LEAST_PART_BYTES)));
}

/** True if only a look at the parts shows how much has arrived, because no part's length was signed. */
export function isUnsized(upload: Upload): upload is InParts {
  return upload.multipart !== undefined && upload.multipart.plan === undefined;
}

/**
 * Ends an upload whose parts together have more bytes than it may have, and has S3 free them: only their
 * sender could make it smaller, and they are stored until it ends. Returns what was found, and whether it was
 * too much. The ledger comes first, as always: the row stays due, so the sweep frees what could not be freed
 * now.
 */
export async function endExcess(
  deps: ExcessDeps,
  upload: InParts,
): Promise<{ readonly arrived: readonly ArrivedPart[] | undefined; readonly tooMuch?: string }> {
  const { ledger, multipart, policies, now, rowRetentionInSeconds } = deps;
  const place = { key: upload.key, uploadId: upload.multipart.uploadId };
  const arrived = await multipart.list(place);
  const total = (arrived ?? []).reduce((sum, { size }) => sum + size, 0);
  const { max } = limitsOf(policies, upload);
  if (total <= max) return { arrived };
  const tooMuch = `The parts together have ${total} bytes; the upload may have ${max}. It was ended, and its parts are removed.`;
  const settledAt = now();
  const { moved } = await ledger.move(upload, 'aborted', {
    settledAt,
    dueAt: settledAt,
    forgetAt: Math.floor(settledAt / 1000) + rowRetentionInSeconds,
    detail: tooMuch,
  });
  if (moved) await multipart.abort(place);
  return { arrived, tooMuch };
}
