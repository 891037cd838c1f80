import { LEAST_PART_BYTES, planUppyParts } from '@sluice/contract/part-plan';
import { Refusal } from '@sluice/contract/refusals';
import { toExactSize } from '@sluice/contract/size-text';
import type { Declaration, MultipartUpload, Upload } from '@sluice/contract/upload';
import { type GrantTerms, toGranted } from '../grant/check.ts';
import { readUpload } from '../upload/access.ts';
import { choosePolicy } from '../upload/choose-policy.ts';
import { abortUpload, type DeleteDeps } from '../upload/delete.ts';
import { isUnsized } from '../upload/excess.ts';
import type { Intent } from '../upload/intent.ts';
import { parseKey } from '../upload/key.ts';
import { type CompleteDeps, completeUpload, listParts, withinLimit } from '../upload/multipart.ts';
import { type Policy, sizeLimits } from '../upload/policy.ts';
import type { ArrivedPart, Multipart } from '../upload/ports.ts';
import { type RequestDeps, requestUpload } from '../upload/request.ts';
import { type PartSigner, signParts } from '../upload/sign-parts.ts';
import type { NamedUpload, UppyCall } from './call.ts';
import type { UploadSession } from './session.ts';

export type UppyDeps = Omit<RequestDeps, 'multipart'> &
  Pick<CompleteDeps, 'objects'> &
  Pick<DeleteDeps, 'objects' | 'rowRetentionInSeconds'> & {
    readonly multipart: Multipart;
    readonly signParts: PartSigner;
  };

/** The result of a call; answer.ts and xml.ts give it a form. Times are milliseconds since the epoch. */
export type UppyAnswer =
  | {
      readonly kind: 'form';
      readonly upload: Upload;
      readonly url: string;
      readonly fields: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'begun'; readonly upload: Upload; readonly uploadId: string }
  | { readonly kind: 'arrived'; readonly parts: readonly ArrivedPart[] }
  | { readonly kind: 'signed'; readonly url: string; readonly expiresAt: number }
  | { readonly kind: 'signed-batch'; readonly urls: Readonly<Record<string, string>> }
  | { readonly kind: 'completed'; readonly upload: Upload }
  | { readonly kind: 'aborted' };

/**
 * Does what Uppy asks, with Sluice's own uploads: each is a row in the ledger, under a policy, with a key
 * that the server made. Key and uploadId together bind a call about an upload to the session's caller and
 * policy. Refuses `size_required`, what requestUpload, signParts, listParts, completeUpload and abortUpload
 * refuse; a foreign upload, an unknown one and one of another policy alike as `upload_not_found`.
 */
export async function serveUppy(
  deps: UppyDeps,
  session: UploadSession,
  call: UppyCall,
  correlationId: string,
): Promise<UppyAnswer> {
  const { ledger } = deps;
  switch (call.kind) {
    case 'params': {
      const { upload, signature } = await request(deps, session, call.declaration, 'post', correlationId);
      if (signature === undefined || !('post' in signature)) {
        throw new Error('a form was asked for and not signed');
      }
      return { kind: 'form', upload, ...signature.post };
    }
    case 'create': {
      const { upload } = await request(deps, session, call.declaration, 'multipart', correlationId);
      return toBegun(upload);
    }
    case 'repeat':
      return toBegun(await readOpen(ledger, session, call.named));
    case 'list':
      return {
        kind: 'arrived',
        parts: await listParts(deps, await readOpen(ledger, session, call.named)),
      };
    case 'sign': {
      const upload = await readOpen(ledger, session, call.named);
      const { parts, expiresAt } = await sign(deps, session, upload, [call.partNumber]);
      return { kind: 'signed', url: parts[0]?.url ?? '', expiresAt: expiresAt.getTime() };
    }
    case 'batch': {
      const upload = await readOpen(ledger, session, call.named);
      const { parts } = await sign(deps, session, upload, call.partNumbers);
      const urls = Object.fromEntries(parts.map(({ partNumber, url }) => [String(partNumber), url]));
      return { kind: 'signed-batch', urls };
    }
    case 'complete': {
      const { id } = await readOwn(ledger, session, call.named);
      return { kind: 'completed', upload: await completeUpload(deps, session.caller, id, call.parts) };
    }
    case 'abort': {
      const { id } = await readOwn(ledger, session, call.named);
      // An upload that is being verified, or was, cannot be aborted. Another route deletes files.
      await abortUpload(deps, session.caller, id);
      return { kind: 'aborted' };
    }
  }
}

function request(
  deps: UppyDeps,
  session: UploadSession,
  declaration: Declaration,
  transport: 'post' | 'multipart',
  correlationId: string,
) {
  const { caller, expiresAt, grant } = session;
  const intent: Intent = toGranted(grant ?? termsOf(session), { ...declaration, transport }, deps.now());
  const [, chosen] = choosePolicy(deps.policies, intent);
  if (transport === 'multipart' && intent.size === undefined) refuseNeedlessParts(chosen, intent);
  return requestUpload(
    { ...deps, multipart: async () => deps.multipart, planParts: planUppyParts },
    caller,
    { ...intent, metadata: withoutUnasked(declaration.metadata, chosen.metadataKeys) },
    {
      correlationId,
      ...(expiresAt !== undefined && { notAfter: expiresAt }),
      ...(grant !== undefined && { grant }),
    },
  );
}

/**
 * The limits of a session from before grants, which nothing is counted of, and of a bearer token, which has
 * none.
 */
function termsOf({ policy, maxBytes, types, expiresAt }: UploadSession): GrantTerms {
  return {
    ...(policy !== undefined && { policy }),
    ...(maxBytes !== undefined && { maxBytes }),
    ...(types && { types }),
    metadata: {},
    expiresAt: expiresAt ?? Number.POSITIVE_INFINITY,
    takenUploads: 0,
    takenBytes: 0,
  };
}

/**
 * A part whose length is not signed may have 5 GiB. If everything that may be sent fits into the smallest
 * part, the size has to be declared, or the file has to use a form, whose length S3 limits.
 */
function refuseNeedlessParts(policy: Policy, intent: Intent): void {
  const { max } = sizeLimits(policy, intent);
  if (max > LEAST_PART_BYTES) return;
  throw new Refusal('size_required', {
    field: 'metadata.size',
    detail: `At most ${toExactSize(max)} may be sent: send the file by a form, or its size as metadata.`,
  });
}

/** Uppy itself adds the path within a dropped folder; a page cannot leave it out. */
function withoutUnasked(
  { relativePath, ...metadata }: Declaration['metadata'],
  taken: readonly string[] | undefined,
): Declaration['metadata'] {
  return relativePath === undefined || taken?.includes('relativePath') === false
    ? metadata
    : { ...metadata, relativePath };
}

// Uppy asks for each part separately; reading S3's list before each one would double the calls.
const LOOKED_AT_EACH = 16;

async function sign(
  deps: UppyDeps,
  { expiresAt }: UploadSession,
  upload: OpenUpload,
  partNumbers: readonly number[],
) {
  const isLookedAt = partNumbers.some(
    (number) => number > 1 && (number <= LOOKED_AT_EACH || number % LOOKED_AT_EACH === 0),
  );
  if (isLookedAt && isUnsized(upload)) await withinLimit(deps, upload);
  return signParts(
    { ...deps, sign: deps.signParts },
    upload,
    partNumbers.map((partNumber) => ({ partNumber })),
    expiresAt,
  );
}

function toBegun(upload: Upload): UppyAnswer {
  if (upload.multipart === undefined) throw new Error('a multipart upload was asked for and not begun');
  return { kind: 'begun', upload, uploadId: upload.multipart.uploadId };
}

type OpenUpload = Upload & { readonly multipart: MultipartUpload };

async function readOwn(
  ledger: UppyDeps['ledger'],
  { caller, policy }: UploadSession,
  { key, uploadId }: NamedUpload,
): Promise<OpenUpload> {
  const upload = await readUpload(ledger, caller, parseKey(key)?.id ?? '', 'change');
  const { multipart } = upload;
  const isNamed = upload.key === key && multipart?.uploadId === uploadId;
  const isWithin = policy === undefined || policy === upload.policy;
  if (multipart === undefined || !isNamed || !isWithin) throw new Refusal('upload_not_found');
  return { ...upload, multipart };
}

async function readOpen(
  ledger: UppyDeps['ledger'],
  session: UploadSession,
  named: NamedUpload,
): Promise<OpenUpload> {
  const upload = await readOwn(ledger, session, named);
  if (upload.state !== 'requested') throw new Refusal('upload_not_open', { state: upload.state });
  return upload;
}
