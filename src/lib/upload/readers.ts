import type { Caller, User } from '@sluice/contract/caller';
import type { ReaderRules } from '@sluice/contract/policy-rules';
import { Refusal } from '@sluice/contract/refusals';
import { isEnded, type State } from '@sluice/contract/state';
import type { Readers, Upload } from '@sluice/contract/upload';
import { readUpload } from './access.ts';
import type { Policies } from './policy.ts';
import type { Ledger, Page } from './ports.ts';

/** Of a policy that says nothing of readers, and of one that was removed since. */
const OWNER_ONLY: ReaderRules = { allowed: ['owner'], default: 'owner' };

/** Who may read the files of the policy of this name. */
export function readerRulesOf(policies: Policies, name: string): ReaderRules {
  // hasOwn: `constructor` is a property of every object, and not a policy.
  return (Object.hasOwn(policies, name) ? policies[name]?.readers : undefined) ?? OWNER_ONLY;
}

/**
 * The readers that an upload gets: those asked for, or the policy's own. Refuses `readers_not_allowed`, with
 * what is allowed.
 */
export function chooseReaders({ allowed, default: usual }: ReaderRules, asked: Readers = usual): Readers {
  if (allowed.includes(asked)) return asked;
  throw new Refusal('readers_not_allowed', {
    field: 'readers',
    detail: `The policy does not let ${asked} read its files. Allowed: ${allowed.join(', ')}.`,
  });
}

// More people at once than change the readers of one file.
const MAX_TRIES = 5;

/**
 * Says who may read a file from now on. Addresses that are out are good until they end. What it says already
 * is not written again. Refuses `upload_not_found`, `readers_not_allowed`, `upload_ended`, and `too_busy`
 * while others change the readers of the same file again and again.
 */
export async function shareUpload(
  { ledger, policies }: { readonly ledger: Pick<Ledger, 'read' | 'share'>; readonly policies: Policies },
  caller: Caller,
  id: string,
  readers: Readers,
): Promise<Upload> {
  let upload = await readUpload(ledger, caller, id, 'change');
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    if (isEnded(upload.state)) throw new Refusal('upload_ended', { state: upload.state });
    chooseReaders(readerRulesOf(policies, upload.policy), readers);
    if ((upload.readers ?? 'owner') === readers) return upload;
    const { shared, upload: now } = await ledger.share(upload, readers);
    if (now === undefined) throw new Refusal('upload_not_found');
    if (shared) return now;
    // Somebody else was faster, or it has ended: the row as it is now decides.
    upload = now;
  }
  throw new Refusal('too_busy', { retryAfterSeconds: 1 });
}

/**
 * A page of what everybody of the user's tenant may read, newest first: accepted files whose readers include
 * the tenant, of policies that have them listed. It may hold fewer than the limit, or none, and still have a
 * cursor. Refuses `cursor_invalid`.
 */
export async function listShared(
  { ledger, policies }: { readonly ledger: Pick<Ledger, 'list'>; readonly policies: Policies },
  { tenant }: User,
  page: { readonly limit: number; readonly state?: State; readonly cursor?: string },
): Promise<Page> {
  // To everybody but its owner a file is there only while it is accepted.
  if (page.state !== undefined && page.state !== 'accepted') return { uploads: [], unreadable: [] };
  return ledger.list({
    ...page,
    tenant,
    state: 'accepted',
    isWanted: ({ readers = 'owner', policy }) =>
      readers !== 'owner' && readerRulesOf(policies, policy).listed === true,
  });
}
