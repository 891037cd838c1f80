import { createHash } from 'node:crypto';
import type { Checksum } from '@sluice/contract/checksum';
import { normaliseContentType } from '@sluice/contract/content-types';
import { flawOfExtension, flawOfName } from '@sluice/contract/filename';
import { type PartPlan, SINGLE_UPLOAD_MAX_BYTES } from '@sluice/contract/part-plan';
import { Refusal } from '@sluice/contract/refusals';
import type { Declaration, Owner, Transport, Upload } from '@sluice/contract/upload';
import { type Blocks, refuseBlocked } from '../grant/blocks.ts';
import { toGranted } from '../grant/check.ts';
import type { UploadGrant } from '../grant/grant.ts';
import { type Count, leftIn, refuseFull } from '../quota/count.ts';
import type { OwnerLimits } from '../quota/owner-limits.ts';
import { awaitMultipart, beginMultipart } from './begin.ts';
import { choosePolicy } from './choose-policy.ts';
import { LOOK_AGAIN_AFTER_MS } from './excess.ts';
import { checkAgainst, chooseTransport, type Intent, requireGoodName, toFingerprint } from './intent.ts';
import { toKey } from './key.ts';
import { secondsToSign } from './lifetime.ts';
import { type Policies, type Policy, sizeLimits } from './policy.ts';
import type { Ledger, Multipart } from './ports.ts';
import { chooseReaders, readerRulesOf } from './readers.ts';

/**
 * How long the parts of a multipart upload may take to arrive: long enough to go on after a weekend, and less
 * than the seven days after which the bucket's own lifecycle drops them.
 */
export const MULTIPART_EXPIRES_IN_SECONDS = 4 * 86_400;

/**
 * A signature for exactly one object: a PUT with headers to send unchanged, or a form whose `file` comes
 * last.
 */
export type Signature =
  | {
      readonly put: {
        readonly url: string;
        readonly method: 'PUT';
        readonly headers: Record<string, string>;
      };
    }
  | { readonly post: { readonly url: string; readonly fields: Record<string, string> } };

export type SignatureRequest = {
  readonly transport: 'put' | 'post';
  readonly key: string;
  readonly contentType: string;
  /** bytes, both included; a PUT takes exactly one length */
  readonly length: { readonly min: number; readonly max: number };
  readonly checksum?: Checksum;
};

/** Signs for one object. `expiresAt` is never later than the credentials' own end. */
export type Signer = (
  request: SignatureRequest,
  expiresInSeconds: number,
  signedAt: Date,
) => Promise<{ readonly signature: Signature; readonly expiresAt: Date }>;

export type RequestDeps = {
  readonly ledger: Ledger;
  readonly sign: Signer;
  /** called only for a multipart upload, so that the others need not load a client of S3 */
  readonly multipart: () => Promise<Pick<Multipart, 'create' | 'abort'>>;
  readonly policies: Policies;
  readonly now: () => number;
  readonly newId: () => string;
  readonly expiryGraceInSeconds: number;
  /** what holds for the owner beside the policy; nothing when absent */
  readonly limits?: OwnerLimits;
  /** who may request nothing; nobody is blocked when absent */
  readonly blocks?: Blocks;
  /** how the client cuts its files, where that is not for us to say */
  readonly planParts?: (size: number) => PartPlan;
};

/** What is known about the call itself. */
export type RequestCall = {
  readonly correlationId: string;
  readonly idempotencyKey?: string;
  /** milliseconds since the epoch: the end of the caller's session, which no signature outlives */
  readonly notAfter?: number;
  /** the grant that the caller uploads under, as its row is now */
  readonly grant?: UploadGrant;
};

/**
 * An upload, and its signature unless it is a multipart one (its parts are signed one by one) or has moved
 * on.
 */
export type Requested = { readonly upload: Upload; readonly signature?: Signature };

/**
 * Records that somebody wants to upload one file, and signs for exactly that file. With an idempotency key, a
 * repeated call finds the row of the first one; it gets a signature for the time that is left, or none once
 * the upload has moved on. Refuses `filename_invalid`, `filename_unsafe`, `extension_mismatch`, what
 * choosePolicy refuses, `size_below_minimum`, `size_over_limit`, `checksum_required`, `metadata_key_unknown`,
 * `readers_not_allowed`, `multipart_required`, `multipart_empty`, `multipart_checksum`,
 * `idempotency_key_reused`, `request_running`, `session_expired`, `owner_blocked`, `requests_too_many`, what
 * refuseFull refuses, and under a grant what toGranted refuses, `grant_uploads_used_up`,
 * `grant_bytes_used_up`.
 */
export async function requestUpload(
  deps: RequestDeps,
  owner: Owner,
  wish: Intent,
  call: RequestCall,
): Promise<Requested> {
  const { ledger, now, newId, expiryGraceInSeconds, limits } = deps;
  const { grant } = call;
  await limits?.pace(owner);
  await refuseBlocked(deps.blocks, owner);
  const intent = grant === undefined ? wish : toGranted(grant, wish, now());
  requireGoodName(flawOfName(intent.filename));
  const [policyName, policy] = choosePolicy(deps.policies, intent);
  requireGoodName(flawOfExtension(intent.filename, normaliseContentType(intent.contentType)));
  checkAgainst(policy, intent);
  const readers = chooseReaders(readerRulesOf(deps.policies, policyName), intent.readers);
  const transport = chooseTransport(intent);

  const { tenant, subject } = owner;
  const id =
    call.idempotencyKey === undefined ? newId() : toRepeatableId(owner, call.idempotencyKey, grant?.id);
  const key = toKey(tenant, id);
  const createdAt = now();
  const fingerprint = toFingerprint(intent);
  const { policy: _named, readers: _asked, ...declared } = intent;
  const counts = (await limits?.countsOf(owner, { name: policyName, rules: policy })) ?? [];
  const reservation = reserve(grant, counts, policy, intent);
  // With a key, this may be a repeated call, which is answered though the quota is used up by now.
  if (call.idempotencyKey === undefined) refuseFullest(counts, intent.size ?? policy.minBytes);
  const declaration = { ...declared, ...reservation.bounds };

  const notAfter = grant?.expiresAt ?? call.notAfter;
  const opened = await open(deps, policy, { ...declaration, transport, key }, createdAt, notAfter);
  const row: Upload = {
    ...declaration,
    ...reservation.fields,
    ...(transport === 'multipart' && { beginsAt: createdAt }),
    transport,
    id,
    tenant,
    subject,
    policy: policyName,
    key,
    state: 'requested',
    epoch: 0,
    createdAt,
    expiresAt: opened.expiresAt,
    dueAt:
      transport === 'multipart' && intent.size === undefined
        ? createdAt + LOOK_AGAIN_AFTER_MS // while it is sent, and not only when its time is over: see excess.ts
        : opened.expiresAt + expiryGraceInSeconds * 1000,
    correlationId: call.correlationId,
    fingerprint,
    ...(readers !== 'owner' && { readers }),
  };
  const { created, upload } = await ledger.record(row, { ...(grant && { grant }), counts });
  if (!created) return onRepetition(deps, policy, upload, fingerprint, createdAt);
  if (transport === 'multipart') return { upload: await beginMultipart(deps, upload) };
  return { upload, ...(opened.signature && { signature: opened.signature }) };
}

/**
 * What an upload sets aside in its grant and its counters, to be written with its row; nothing where it is in
 * neither. Without a declared size it is the most that the file may have, by its policy and by what is left,
 * which the row then holds it to, whatever becomes of either.
 */
function reserve(
  grant: UploadGrant | undefined,
  counts: readonly Count[],
  policy: Policy,
  intent: Intent,
): Reservation {
  if (grant === undefined && counts.length === 0) return { bounds: {}, fields: {} };
  const left = counts.flatMap((count) => leftIn(count).bytes ?? []);
  const reserved = intent.size ?? Math.min(sizeLimits(policy, intent).max, ...left);
  const { id: grantId, reference } = grant ?? {};
  return {
    bounds: intent.size === undefined ? { maxBytes: reserved } : {},
    fields: {
      reserved,
      ...(grantId !== undefined && { grantId }),
      ...(reference !== undefined && { reference }),
      ...(counts.length > 0 && { counters: counts.map(({ counter }) => counter) }),
    },
  };
}

type Reservation = {
  readonly bounds: Pick<Upload, 'maxBytes'>;
  readonly fields: Pick<Upload, 'reserved' | 'grantId' | 'reference' | 'counters'>;
};

function refuseFullest(counts: readonly Count[], leastBytes: number): void {
  for (const count of counts) refuseFull(count, count.counter === 'unfinished' ? 0 : leastBytes);
}

type Opened = { readonly expiresAt: number; readonly signature?: Signature };

async function open(
  { sign }: RequestDeps,
  policy: Policy,
  upload: Declaration & { readonly key: string; readonly transport: Transport },
  createdAt: number,
  notAfter: number | undefined,
): Promise<Opened> {
  if (upload.transport === 'multipart') return { expiresAt: createdAt + MULTIPART_EXPIRES_IN_SECONDS * 1000 };
  const request = toSignatureRequest(policy, upload, upload.transport);
  const seconds = secondsToSign(policy.urlExpiresInSeconds, createdAt, notAfter);
  const { signature, expiresAt } = await sign(request, seconds, new Date(createdAt));
  return { expiresAt: expiresAt.getTime(), signature };
}

async function onRepetition(
  deps: RequestDeps,
  policy: Policy,
  upload: Upload,
  fingerprint: string,
  signedAt: number,
): Promise<Requested> {
  if (upload.fingerprint !== fingerprint) {
    throw new Refusal('idempotency_key_reused', { field: 'Idempotency-Key' });
  }
  if (upload.transport === 'multipart') return { upload: await awaitMultipart(deps, upload) };
  const secondsLeft = Math.floor((upload.expiresAt - signedAt) / 1000);
  if (upload.state !== 'requested' || secondsLeft < 1) return { upload };
  const request = toSignatureRequest(policy, upload, upload.transport);
  const { signature } = await deps.sign(request, secondsLeft, new Date(signedAt));
  return { upload, signature };
}

function toSignatureRequest(
  policy: Policy,
  upload: Declaration & { readonly key: string },
  transport: 'put' | 'post',
): SignatureRequest {
  const { key, contentType, size, checksum } = upload;
  const { min, max } = sizeLimits(policy, upload);
  return {
    transport,
    key,
    contentType,
    length: { min: size ?? min, max: size ?? Math.min(max, SINGLE_UPLOAD_MAX_BYTES) },
    ...(checksum && { checksum }),
  };
}

/**
 * The same caller and key give the same id, so the row itself is the record of the first call. Whoever has a
 * grant is no other's caller: their keys meet none of the owner's, nor of another grant.
 */
function toRepeatableId({ tenant, subject }: Owner, idempotencyKey: string, grantId?: string): string {
  const hex = createHash('sha256')
    .update(JSON.stringify([tenant, subject, idempotencyKey, ...(grantId === undefined ? [] : [grantId])]))
    .digest('hex');
  return hex.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
