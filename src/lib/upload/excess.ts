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

/** How often what is stored of an upload of no declared size is looked at: as long as the URL of a part lives. */
export const LOOK_AGAIN_AFTER_MS = 3_600_000;

type InParts = Upload & { readonly multipart: MultipartUpload };

/** The bytes that an upload may have, both ends included. Under a policy that is gone any number: the verdict refuses it. */
export function limitsOf(policies: Policies, upload: Upload): { readonly min: number; readonly max: number } {
  const policy = policies[upload.policy];
  return policy ? sizeLimits(policy, upload) : { min: 0, max: upload.maxBytes ?? Number.POSITIVE_INFINITY };
}

/**
 * The highest number that a part may have. Where no size was declared, as many as a file of the greatest size could have:
 * S3 takes no part below 5 MiB but the last, so that whoever needs more has more bytes than they may send.
 */
export function highestPart(policies: Policies, upload: InParts): number {
  const { plan } = upload.multipart;
  if (plan !== undefined) return plan.partCount;
  return Math.min(MAX_PARTS, Math.max(1, Math.ceil(limitsOf(policies, upload).max / LEAST_PART_BYTES)));
}

/** True where nothing but a look at what has arrived shows how much it is: the length of no part was signed. */
export function isUnsized(upload: Upload): upload is InParts {
  return upload.multipart !== undefined && upload.multipart.plan === undefined;
}

/**
 * Ends an upload whose parts have more bytes together than it may have, and has S3 free them: nothing can make it smaller
 * but the one who sent them, and until it ends they are stored. Gives what was found, and whether it was too much.
 * The ledger first, as ever: the row stays due, so that the sweep frees what could not be freed now.
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
