import { createBucketSigner, expiresAtOf, type PresignedForm } from '@sluice/connection/access/presign';
import type { Session } from '@sluice/connection/session';
import type { S3Place } from './place.ts';

/** What to sign. */
export type Wanted = S3Place & {
  readonly method: 'get' | 'put' | 'post';
  readonly expiresInSeconds: number;
  readonly contentType: string | undefined;
  readonly contentLength: number | undefined;
  readonly maxBytes: number | undefined;
  readonly ifAbsent: boolean;
  readonly versionId: string | undefined;
  readonly requestPayer: 'requester' | undefined;
};

export type Signed = {
  /** in boto3's shapes */
  readonly signed: string | PresignedForm;
  readonly expiresAt: Date;
  /** what has to be sent with a PUT */
  readonly headers: Readonly<Record<string, string>>;
};

/** Signs it with the session's keys. */
export async function sign(session: Session, wanted: Wanted, now: () => number): Promise<Signed> {
  const { method, bucket, key, expiresInSeconds, contentType, contentLength } = wanted;
  const { maxBytes, ifAbsent, versionId, requestPayer } = wanted;
  const signer = createBucketSigner(session, bucket, () => new Date(now()));
  const grant = { key, expiresInSeconds };
  const typed = contentType === undefined ? {} : { contentType };
  const paid = requestPayer === undefined ? {} : { requestPayer };
  const sized = contentLength === undefined ? {} : { contentLength };
  const make = {
    get: () => signer.get({ ...grant, ...paid, ...(versionId !== undefined && { versionId }) }),
    put: () =>
      signer.put({ ...grant, ...paid, ...typed, ...sized, ...(ifAbsent && { ifNoneMatch: '*' as const }) }),
    post: () =>
      signer.post({
        ...grant,
        ...typed,
        ...(maxBytes !== undefined && { contentLengthRange: { min: 0, max: maxBytes } }),
      }),
  };
  const signed = await make[method]();
  const headers = {
    ...(contentType !== undefined && { 'content-type': contentType }),
    ...(contentLength !== undefined && { 'content-length': String(contentLength) }),
    ...(ifAbsent && { 'if-none-match': '*' }),
  };
  return { signed, expiresAt: expiresAtOf(signed), headers: method === 'put' ? headers : {} };
}
