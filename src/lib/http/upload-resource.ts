import type { Caller } from '@sluice/contract/caller';
import { toServedName } from '@sluice/contract/filename';
import type { Upload } from '@sluice/contract/upload';
import { endOf } from '../grant/read.ts';
import { isOf } from '../upload/access.ts';
import { threatsIn } from '../upload/judge-scans.ts';
import type { Requested, Signature } from '../upload/request.ts';
import { type PartSigner, type SignPartsDeps, signParts } from '../upload/sign-parts.ts';
import { withTrace } from './traced.ts';

/**
 * An upload as its caller sees it: no key, no bucket, no epoch. Services see whose it is. Who may only read
 * the file sees none of its owner's metadata, and no reference. Times are ISO 8601.
 */
export function toResource(upload: Upload, caller: Caller) {
  const isReader = caller.kind === 'user' && !isOf(caller, upload);
  return {
    id: upload.id,
    owner: caller.kind === 'service' ? { tenant: upload.tenant, subject: upload.subject } : undefined,
    own: isReader ? false : undefined,
    state: upload.state,
    filename: upload.filename,
    contentType: upload.contentType,
    size: upload.size ?? upload.evidence?.size,
    policy: upload.policy,
    metadata: isReader ? {} : upload.metadata,
    readers: upload.readers ?? 'owner',
    reference: isReader ? undefined : upload.reference,
    checksum: upload.checksum,
    transport: upload.transport,
    createdAt: new Date(upload.createdAt).toISOString(),
    expiresAt: new Date(upload.expiresAt).toISOString(),
    settledAt: upload.settledAt === undefined ? undefined : new Date(upload.settledAt).toISOString(),
    servedType: upload.servedType,
    servedName: upload.servedType && toServedName(upload.filename, upload.servedType),
    detectedType: upload.evidence?.detectedType,
    reason: upload.reason,
    detail: upload.detail,
    ...(isReader ? {} : toFindings(upload)),
  };
}

/** What scanners said, for those who may know all of an upload. */
function toFindings({ scans, inspection }: Upload) {
  const threats = threatsIn(scans);
  return {
    scans:
      scans &&
      Object.fromEntries(Object.entries(scans).map(([scanner, { outcome }]) => [scanner, outcome] as const)),
    threats: threats.length === 0 ? undefined : threats,
    inspection,
  };
}

// Enough to keep a client busy while it asks for more, and few enough for any answer.
const FIRST_PARTS = 16;

/**
 * An upload that was just requested: with its signature, or the plan of its parts and the URLs of the first
 * ones.
 * @param firstParts how many those are
 */
export function toRequestedResource(
  { upload, signature }: Requested,
  deps: Omit<SignPartsDeps, 'sign'> & { readonly signParts: PartSigner },
  caller: Caller,
  firstParts = FIRST_PARTS,
) {
  const { multipart, state } = upload;
  if (multipart?.plan === undefined || state !== 'requested')
    return { ...toResource(upload, caller), ...toTraced(signature) };
  const { partSize, partCount } = multipart.plan;
  const first = Array.from({ length: Math.min(partCount, firstParts) }, (_, index) => ({
    partNumber: index + 1,
  }));
  const signed = signParts({ ...deps, sign: deps.signParts }, { ...upload, multipart }, first, endOf(caller));
  return {
    ...toResource(upload, caller),
    multipart: { partSize, partCount, parts: signed.parts, urlsExpireAt: signed.expiresAt.toISOString() },
  };
}

/** A form cannot send a header, so that its upload has a trace of its own. */
function toTraced(signature: Signature | undefined): Signature | undefined {
  if (signature === undefined || !('put' in signature)) return signature;
  return { put: { ...signature.put, headers: withTrace(signature.put.headers) } };
}
