import { type PartPlan, planParts } from '@sluice/contract/part-plan';
import { Refusal } from '@sluice/contract/refusals';
import type { MultipartUpload, Upload } from '@sluice/contract/upload';
import type { Ledger, Multipart } from './ports.ts';

export type BeginDeps = {
  readonly ledger: Pick<Ledger, 'read' | 'begin'>;
  /** asked only where an upload is begun, so that others need not load a client of S3 */
  readonly multipart: () => Promise<Pick<Multipart, 'create' | 'abort'>>;
  readonly now: () => number;
  /** how the client cuts its files, where that is not for us to say */
  readonly planParts?: (size: number) => PartPlan;
};

// Longer than any function that begins one may run: after that, whoever was at it does not come back.
const BEGINNING_TAKES_AT_MOST_MS = 30_000;

/**
 * Begins in S3 what the row says is to go in parts, and notes S3's id of it on the row. The row comes first, so that of
 * many calls with one Idempotency-Key one begins the upload, and the others are told to wait for it.
 * @param row as it was just recorded by this very call
 */
export async function beginMultipart(deps: BeginDeps, row: Upload): Promise<Upload> {
  const { ledger, multipart } = deps;
  const s3 = await multipart();
  const uploadId = await s3.create(row);
  const plan = row.size === undefined ? undefined : (deps.planParts ?? planParts)(row.size);
  const begun: MultipartUpload = { uploadId, ...(plan && { plan }) };
  if (await ledger.begin(row, { multipart: begun })) return { ...withoutBeginning(row), multipart: begun };
  // Given up meanwhile, or taken over because this took so long; or it was this call, and its reply was lost.
  const stands = await ledger.read(row.id);
  if (stands?.multipart?.uploadId !== uploadId) await s3.abort({ key: row.key, uploadId });
  if (stands === undefined) throw new Refusal('upload_not_found');
  return stands;
}

/**
 * The row of a repeated call with what it waits for. Whoever was to begin the upload is at it, or has died: then this
 * call takes over, and of several that would, one does.
 * Refuses `request_running`.
 */
export async function awaitMultipart(deps: BeginDeps, row: Upload): Promise<Upload> {
  if (!isBeginning(row)) return row;
  const now = deps.now();
  const taken = { ...row, beginsAt: now };
  const isLate = now - (row.beginsAt ?? row.createdAt) >= BEGINNING_TAKES_AT_MOST_MS;
  if (isLate && (await deps.ledger.begin(row, { beginsAt: now }))) return beginMultipart(deps, taken);
  throw beginningRunning();
}

/** True for an upload in parts that S3 has yet to begin. */
export function isBeginning({ transport, multipart, state }: Upload): boolean {
  return transport === 'multipart' && multipart === undefined && state === 'requested';
}

export function beginningRunning(): Refusal {
  return new Refusal('request_running', { state: 'requested', retryAfterSeconds: 1 });
}

function withoutBeginning({ beginsAt: _over, ...row }: Upload): Upload {
  return row;
}
