import { createHmac } from 'node:crypto';
import type { Caller } from '@sluice/contract/caller';
import type { Owner, Upload } from '@sluice/contract/upload';
import { readOptional } from '../settings.ts';

// Names people in lines, and opens nothing: docs/decisions/0076-who-is-a-digest.md.
const KEY = readOptional('WHO_KEY');
// 16 bytes of the digest: enough that no two people share one.
const WHO_CHARACTERS = 22;

/**
 * Whom a line is about: the same text for the same person, from which nobody finds the person without the key
 * of the stack. Undefined where the deployment has no such key.
 */
export function toWho({ tenant, subject }: Owner, key: string | undefined = KEY): string | undefined {
  if (key === undefined) return undefined;
  // JSON, so that no two pairs of names make the same text.
  const named = JSON.stringify([tenant, subject]);
  return createHmac('sha256', key).update(named).digest('base64url').slice(0, WHO_CHARACTERS);
}

/** What a line says of a caller: which service or grant, and of people a digest. */
export function ofCaller(caller: Caller): Readonly<Record<string, string | undefined>> {
  switch (caller.kind) {
    case 'service':
      return { caller: caller.kind, client: caller.client };
    case 'grant':
      return { caller: caller.kind, grantId: caller.grantId, who: toWho(caller) };
    case 'user':
      return { caller: caller.kind, who: toWho(caller) };
  }
}

/** What a line says of an upload: enough to find its row and its request, and whose it is. */
export function ofUpload(upload: Upload): Readonly<Record<string, string | undefined>> {
  const { id, correlationId } = upload;
  return { uploadId: id, correlation_id: correlationId, who: toWho(upload) };
}

/** The same with the key of the object, which names the tenant: for failures, where somebody has to look. */
export function ofFailed(upload: Upload): Readonly<Record<string, string | undefined>> {
  return { ...ofUpload(upload), key: upload.key };
}
