import type { Caller } from '@sluice/contract/caller';
import { partBytes } from '@sluice/contract/part-plan';
import { Refusal } from '@sluice/contract/refusals';
import type { MultipartUpload, Upload } from '@sluice/contract/upload';
import { readAgain, readUpload } from './access.ts';
import { beginningRunning, isBeginning } from './begin.ts';
import { type ExcessDeps, endExcess, isUnsized, limitsOf } from './excess.ts';
import type { ArrivedPart, Ledger, Multipart, Objects } from './ports.ts';

/** A multipart upload that still takes parts. */
export type OpenMultipart = Upload & { readonly multipart: MultipartUpload };

/** Refuses `upload_not_found`, `not_multipart`, `upload_not_open`, `request_running`. */
export async function readOpenMultipart(ledger: Ledger, caller: Caller, id: string): Promise<OpenMultipart> {
  const upload = await readUpload(ledger, caller, id, 'change');
  const { multipart, state } = upload;
  if (isBeginning(upload)) throw beginningRunning();
  if (multipart === undefined) throw new Refusal('not_multipart');
  if (state !== 'requested') throw new Refusal('upload_not_open', { state });
  return { ...upload, multipart };
}

/**
 * The parts of an upload that have arrived, from S3's own list.
 * Refuses `multipart_gone`, and `upload_not_open` if the upload has moved on in the meantime.
 */
export async function listParts(
  { ledger, multipart }: { readonly ledger: Ledger; readonly multipart: Pick<Multipart, 'list'> },
  upload: OpenMultipart,
): Promise<readonly ArrivedPart[]> {
  const {
    key,
    multipart: { uploadId },
  } = upload;
  const parts = await multipart.list({ key, uploadId });
  if (parts !== undefined) return parts;
  const { state } = await readAgain(ledger, upload);
  throw state === 'requested' ? new Refusal('multipart_gone') : new Refusal('upload_not_open', { state });
}

export type CompleteDeps = ExcessDeps & {
  readonly ledger: Ledger;
  readonly multipart: Pick<Multipart, 'list' | 'complete' | 'abort'>;
  readonly objects: Pick<Objects, 'facts'>;
};

// The sweep finds a lost arrival this long after completion, not days later when the request expires.
const ARRIVAL_DUE_AFTER_IN_MS = 15 * 60_000;

/**
 * Compares S3's own list of the parts with what was declared, and then has S3 assemble the object. The
 * verdict comes later, with the object's arrival. Safe to repeat: a call whose reply was lost finds the work
 * done. If another call or the sweep was faster, the answer is the row as it is then.
 * @param named the parts that the client says it sent; other parts or ETags are refused
 * Refuses `upload_not_found`, `not_multipart`, `multipart_gone`, `parts_missing`, `part_size_wrong`,
 * `multipart_size_wrong`, `multipart_checksum_mismatch`, `completion_running`, `request_running`.
 */
export async function completeUpload(
  deps: CompleteDeps,
  caller: Caller,
  id: string,
  named?: readonly { readonly partNumber: number; readonly etag: string }[],
): Promise<Upload> {
  const { ledger, multipart, policies, now } = deps;
  const upload = await readUpload(ledger, caller, id, 'change');
  if (isBeginning(upload)) throw beginningRunning();
  if (upload.multipart === undefined) throw new Refusal('not_multipart');
  if (upload.state !== 'requested') return upload;
  const { uploadId, plan } = upload.multipart;
  const arrived = isUnsized(upload)
    ? await withinLimit(deps, upload)
    : await multipart.list({ key: upload.key, uploadId });
  if (arrived === undefined) return whatBecameOf(deps, upload, 'gone');
  const parts = named === undefined ? arrived : pick(arrived, named);
  if (plan !== undefined) checkPlan(plan, parts);
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  const { min, max } = limitsOf(policies, upload);
  if (parts.length === 0 || size < min || size > max) {
    throw new Refusal('multipart_size_wrong', { detail: `The parts together have ${size} bytes.` });
  }
  const completion = await multipart.complete(
    { key: upload.key, uploadId, ...(upload.checksum && { checksum: upload.checksum }) },
    parts,
  );
  return completion === 'made'
    ? expectArrival(ledger, upload, now())
    : whatBecameOf(deps, upload, completion);
}

/**
 * The parts that have arrived of an upload without a declared size; undefined if S3 no longer knows it. If it
 * has become too large, it is ended, its parts are freed, and it is refused as `multipart_size_wrong`.
 */
export async function withinLimit(
  deps: ExcessDeps,
  upload: OpenMultipart,
): Promise<readonly ArrivedPart[] | undefined> {
  const { arrived, tooMuch } = await endExcess(deps, upload);
  if (tooMuch !== undefined) throw new Refusal('multipart_size_wrong', { detail: tooMuch });
  return arrived;
}

/** S3 no longer has the upload, or is working on it: it was completed, aborted or expired in the meantime. */
async function whatBecameOf(
  { ledger, objects, now }: Pick<CompleteDeps, 'ledger' | 'objects' | 'now'>,
  upload: Upload,
  why: 'gone' | 'busy',
): Promise<Upload> {
  if (await objects.facts('incoming', upload.key)) return expectArrival(ledger, upload, now());
  // Read after the object: a call that removes or judges the object has moved the row before that.
  const current = await readAgain(ledger, upload);
  if (current.state !== 'requested') return current;
  throw why === 'gone'
    ? new Refusal('multipart_gone')
    : new Refusal('completion_running', { retryAfterSeconds: 2 });
}

/**
 * From now on the object itself is due. This comes after S3 has made it: an earlier sweep would see no
 * object, and expire the upload. A row that has moved on in the meantime does not change, and is the answer.
 */
async function expectArrival(ledger: Ledger, upload: Upload, now: number): Promise<Upload> {
  await ledger.postpone(upload, now + ARRIVAL_DUE_AFTER_IN_MS);
  return readAgain(ledger, upload);
}

function pick(
  arrived: readonly ArrivedPart[],
  named: readonly { readonly partNumber: number; readonly etag: string }[],
): readonly ArrivedPart[] {
  const byNumber = new Map(arrived.map((part) => [part.partNumber, part]));
  const picked: ArrivedPart[] = [];
  const missing: number[] = [];
  for (const { partNumber, etag } of [...named].sort((a, b) => a.partNumber - b.partNumber)) {
    const part = byNumber.get(partNumber);
    if (part?.etag === etag) picked.push(part);
    else missing.push(partNumber);
  }
  refuseMissing(missing);
  return picked;
}

function checkPlan(plan: NonNullable<MultipartUpload['plan']>, parts: readonly ArrivedPart[]): void {
  const sizes = new Map(parts.map(({ partNumber, size }) => [partNumber, size]));
  const missing: number[] = [];
  for (let partNumber = 1; partNumber <= plan.partCount; partNumber += 1) {
    const size = sizes.get(partNumber);
    if (size === undefined) missing.push(partNumber);
    else if (size !== partBytes(plan, partNumber)) {
      throw new Refusal('part_size_wrong', {
        detail: `Part ${partNumber} has ${size} bytes instead of ${partBytes(plan, partNumber)}: send it again.`,
      });
    }
  }
  refuseMissing(missing);
  if (parts.length > plan.partCount) {
    throw new Refusal('multipart_size_wrong', {
      detail: `${parts.length} parts arrived; the upload has ${plan.partCount}.`,
    });
  }
}

function refuseMissing(missing: readonly number[]): void {
  if (missing.length === 0) return;
  const shown = missing.slice(0, 20).join(', ');
  throw new Refusal('parts_missing', {
    detail: `Parts that have not arrived, or differ from the ones that you named: ${shown}${missing.length > 20 ? ', …' : ''}.`,
  });
}
