import type { Caller, Grantee, Service, User } from '@sluice/contract/caller';
import { Refusal } from '@sluice/contract/refusals';
import type { Owner, Upload } from '@sluice/contract/upload';
import { isUploadId } from './key.ts';
import type { Ledger } from './ports.ts';

/** What a caller wants of an upload: to see its row, to change what becomes of it, or to read its bytes. */
export type Aim = 'see' | 'change' | 'download';

/**
 * Whether an upload is within a caller's reach. This is the only place that decides it: what a caller may do
 * at all (its kind and its scopes) is said by each route, and whose uploads those are is said here.
 */
export function isWithinReach(caller: Caller, upload: Upload, aim: Aim): boolean {
  switch (caller.kind) {
    case 'user':
      return isOf(caller, upload) || (aim !== 'change' && isReader(caller, upload));
    case 'service':
      return actsFor(caller, upload.tenant);
    case 'grant':
      // A grant is for sending files. Whoever has it gets no byte back, of its own uploads neither.
      return aim !== 'download' && isOf(caller, upload) && upload.grantId === caller.grantId;
  }
}

/** Whether an upload's bytes are anybody's to read, who need not say who they are. */
export function isPublic({ state, readers }: Upload): boolean {
  return state === 'accepted' && readers === 'anyone';
}

/** Whether a service acts for a tenant, by the key-safe name. */
export function actsFor({ scopes, tenant }: Service, wanted: string): boolean {
  return tenant === undefined ? scopes.includes('tenants') : tenant === wanted;
}

/**
 * An upload within the caller's reach. One that is not, an unknown one and a malformed id are all refused as
 * `upload_not_found`.
 */
export async function readUpload(
  ledger: Pick<Ledger, 'read'>,
  caller: Caller,
  id: string,
  aim: Aim,
): Promise<Upload> {
  const upload = isUploadId(id) ? await ledger.read(id) : undefined;
  if (upload === undefined || !isWithinReach(caller, upload, aim)) throw new Refusal('upload_not_found');
  return upload;
}

/**
 * The same of many uploads, read together: gives what finds one of them by its id, and refuses as readUpload
 * does. A row that is not understood is thrown by what finds it, and so is no matter of the others.
 */
export async function readUploads(
  ledger: Pick<Ledger, 'readMany'>,
  caller: Caller,
  ids: readonly string[],
  aim: Aim,
): Promise<(id: string) => Upload> {
  const { uploads, unreadable } = await ledger.readMany(ids.filter(isUploadId));
  const found = new Map(uploads.map((upload) => [upload.id, upload]));
  const broken = new Map(unreadable.map((row) => [row.id, row]));
  return (id) => {
    const upload = found.get(id);
    const row = broken.get(id);
    if (row !== undefined) throw row;
    if (upload === undefined || !isWithinReach(caller, upload, aim)) throw new Refusal('upload_not_found');
    return upload;
  };
}

/** The row of an upload as it is now, for a caller that has reached it. Refuses `upload_not_found`. */
export async function readAgain(ledger: Ledger, { id }: Upload): Promise<Upload> {
  const upload = await ledger.read(id);
  if (upload === undefined) throw new Refusal('upload_not_found');
  return upload;
}

/**
 * Whose an upload is to be that this caller requests: its own, or of whom a service names.
 * @param named with the tenant's key-safe name
 * Refuses `owner_not_allowed`, `field_missing` and `tenant_not_served`.
 */
export function ownerFor(caller: Caller, named: Owner | undefined): Owner {
  if (caller.kind !== 'service') {
    if (named !== undefined) throw new Refusal('owner_not_allowed', { field: 'owner' });
    return { tenant: caller.tenant, subject: caller.subject };
  }
  if (named === undefined) throw new Refusal('field_missing', { field: 'owner' });
  if (!actsFor(caller, named.tenant)) throw new Refusal('tenant_not_served', { field: 'owner.tenant' });
  return { tenant: named.tenant, subject: named.subject };
}

/** The owner of an upload, as a caller. */
export function toUser({ tenant, subject }: Owner): User {
  return { kind: 'user', tenant, subject };
}

/** Whether an upload is the caller's own: by both at once, since a subject may exist in every tenant. */
export function isOf({ tenant, subject }: User | Grantee, upload: Upload): boolean {
  return upload.tenant === tenant && upload.subject === subject;
}

function isReader({ tenant }: User, upload: Upload): boolean {
  const { state, readers, tenant: theirs } = upload;
  return isPublic(upload) || (state === 'accepted' && readers === 'tenant' && theirs === tenant);
}
