import { createHash } from 'node:crypto';
import { Refusal } from '../refusals.ts';
import { choosePolicy } from './choose-policy.ts';
import { toKey } from './key.ts';
import type { Policies, Policy } from './policy.ts';
import type { Ledger } from './ports.ts';
import type { Caller, Declaration, Transport, Upload } from './upload.ts';

/** One PUT or POST carries at most 5 GiB; beyond that S3 takes parts only. */
export const SINGLE_UPLOAD_MAX_BYTES = 5 * 1024 ** 3;

export type Intent = Declaration & { readonly policy?: string; readonly transport: Transport };

/** A signature for exactly one object: a PUT with headers to send as they are, or a form whose `file` comes last. */
export type Grant =
  | {
      readonly put: {
        readonly url: string;
        readonly method: 'PUT';
        readonly headers: Record<string, string>;
      };
    }
  | { readonly post: { readonly url: string; readonly fields: Record<string, string> } };

/** Signs for one object. `expiresAt` is never later than the credentials' own end. */
export type Signer = (
  upload: Pick<Upload, 'key' | 'contentType' | 'size' | 'checksum' | 'transport'>,
  expiresInSeconds: number,
  signedAt: Date,
) => Promise<{ readonly grant: Grant; readonly expiresAt: Date }>;

export type RequestDeps = {
  readonly ledger: Ledger;
  readonly sign: Signer;
  readonly policies: Policies;
  readonly now: () => number;
  readonly newId: () => string;
  readonly expiryGraceInSeconds: number;
};

/**
 * Records that a caller wants to upload one file, and signs for exactly that file.
 * With an idempotency key, a repeated call finds the row of the first one; it is given a signature for the time that
 * is left, or none once the upload has moved on.
 * Refuses what choosePolicy refuses, `size_below_minimum`, `size_over_limit`, `checksum_required`,
 * `metadata_key_unknown`, `multipart_required`, `idempotency_key_reused`.
 */
export const requestUpload = async (
  { ledger, sign, policies, now, newId, expiryGraceInSeconds }: RequestDeps,
  caller: Caller,
  intent: Intent,
  call: { readonly correlationId: string; readonly idempotencyKey?: string },
): Promise<{ readonly upload: Upload; readonly grant?: Grant }> => {
  const [policyName, policy] = choosePolicy(policies, intent);
  checkAgainst(policy, intent);

  const { tenant, subject } = caller;
  const id = call.idempotencyKey === undefined ? newId() : toRepeatableId(caller, call.idempotencyKey);
  const createdAt = now();
  const { policy: _named, ...declaration } = intent;
  const { grant, expiresAt } = await sign(
    { ...declaration, key: toKey(tenant, id) },
    policy.urlExpiresInSeconds,
    new Date(createdAt),
  );
  const wanted: Upload = {
    ...declaration,
    id,
    tenant,
    subject,
    policy: policyName,
    key: toKey(tenant, id),
    state: 'requested',
    epoch: 0,
    createdAt,
    expiresAt: expiresAt.getTime(),
    dueAt: expiresAt.getTime() + expiryGraceInSeconds * 1000,
    correlationId: call.correlationId,
    fingerprint: toFingerprint(intent),
  };
  const { created, upload } = await ledger.record(wanted);
  if (created) return { upload, grant };
  if (upload.fingerprint !== wanted.fingerprint) {
    throw new Refusal('idempotency_key_reused', { field: 'Idempotency-Key' });
  }
  const secondsLeft = Math.floor((upload.expiresAt - createdAt) / 1000);
  if (upload.state !== 'requested' || secondsLeft < 1) return { upload };
  return { upload, grant: (await sign(upload, secondsLeft, new Date(createdAt))).grant };
};

const checkAgainst = (policy: Policy, intent: Intent): void => {
  if (intent.size < policy.minBytes) {
    throw new Refusal('size_below_minimum', {
      field: 'size',
      detail: `The file has ${intent.size} bytes; the policy takes files from ${policy.minBytes} bytes.`,
    });
  }
  if (intent.size > policy.maxBytes) {
    throw new Refusal('size_over_limit', {
      field: 'size',
      detail: `The file has ${intent.size} bytes; the policy takes files up to ${policy.maxBytes} bytes.`,
    });
  }
  if (intent.size > SINGLE_UPLOAD_MAX_BYTES) throw new Refusal('multipart_required', { field: 'size' });
  if (policy.checksum === 'required' && intent.checksum === undefined) {
    throw new Refusal('checksum_required', { field: 'checksum' });
  }
  const unknown = Object.keys(intent.metadata).find((key) => policy.metadataKeys?.includes(key) === false);
  if (unknown !== undefined) throw new Refusal('metadata_key_unknown', { field: `metadata.${unknown}` });
};

/** The same caller and key give the same id, so that the row itself is the record of the first call. */
const toRepeatableId = ({ tenant, subject }: Caller, idempotencyKey: string): string => {
  const hex = createHash('sha256')
    .update(JSON.stringify([tenant, subject, idempotencyKey]))
    .digest('hex');
  return hex.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
};

const toFingerprint = ({
  filename,
  contentType,
  size,
  checksum,
  metadata,
  policy,
  transport,
}: Intent): string =>
  createHash('sha256')
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
      ]),
    )
    .digest('base64url');
