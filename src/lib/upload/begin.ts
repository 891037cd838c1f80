import { type PartPlan, planParts } from '@sluice/contract/part-plan';
import { Refusal } from '@sluice/contract/refusals';
import type { MultipartUpload, Upload } from '@sluice/contract/upload';
import type { Ledger, Multipart } from './ports.ts';

export type BeginDeps = {
  readonly ledger: Pick<Ledger, 'read' | 'begin'>;
  /** called only if an upload is begun, so that other calls need not load a client of S3 */
  readonly multipart: () => Promise<Pick<Multipart, 'create' | 'abort'>>;
  readonly now: () => number;
  /** how the client cuts its files, where that is not for us to say */
  readonly planParts?: (size: number) => PartPlan;
};

// Longer than any function that begins one may run: after that, it does not come back.
const BEGINNING_TAKES_AT_MOST_MS = 30_000;

/**
 * Begins the multipart upload of a row in S3, and writes S3's id into the row. The row comes first, so that
 * of many calls with one Idempotency-Key one begins the upload, and the others are answered that they have to
 * wait.
 * @param row as this call has just recorded it
 */
export async function beginMultipart(deps: BeginDeps, row: Upload): Promise<Upload> {
  const { ledger, multipart } = deps;
  const s3 = await multipart();
  const uploadId = await s3.create(row);
  const plan = row.size === undefined ? undefined : (deps.planParts ?? planParts)(row.size);
  const begun: MultipartUpload = { uploadId, ...(plan && { plan }) };
  if (await ledger.begin(row, { multipart: begun })) return { ...withoutBeginning(row), multipart: begun };
  // Given up, or taken over because this took so long; or this call was the one, and its reply was lost.
  const stands = await ledger.read(row.id);
  if (stands?.multipart?.uploadId !== uploadId) await s3.abort({ key: row.key, uploadId });
  if (stands === undefined) throw new Refusal('upload_not_found');
  return stands;
}

/**
 * The row of a repeated call, with its upload in S3. The call that had to begin the upload is still running,
 * or has died: then this call takes over, and of several such calls only one does. Refuses `request_running`.
 */
export async function awaitMultipart(deps: BeginDeps, row: Upload): Promise<Upload> {
  if (!isBeginning(row)) return row;
  const now = deps.now();
  const taken = { ...row, beginsAt: now };
  const isLate = now - (row.beginsAt ?? row.createdAt) >= BEGINNING_TAKES_AT_MOST_MS;
  if (isLate && (await deps.ledger.begin(row, { beginsAt: now }))) return beginMultipart(deps, taken);
  throw beginningRunning();
}

/** True for an upload in parts that has not yet been begun in S3. */
export function isBeginning({ transport, multipart, state }: Upload): boolean {
  return transport === 'multipart' && multipart === undefined && state === 'requested';
}

export function beginningRunning(): Refusal {
  return new Refusal('request_running', { state: 'requested', retryAfterSeconds: 1 });
}

function withoutBeginning({ beginsAt: _over, ...row }: Upload): Upload {
  return row;
}
