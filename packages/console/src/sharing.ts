import { fileUrl } from '@sluice/client/file-url';
import type { PolicyList, Upload } from '@sluice/client/resource';
import { isEnded } from '@sluice/contract/state';
import type { Readers } from '@sluice/contract/upload';

/** Who may read a file, and who else might. */
export type Sharing = {
  readonly readers: Readers;
  /** what may be chosen, the present readers among them */
  readonly choices: readonly Readers[];
  /** the address that stays, of an accepted file that anyone may read */
  readonly address?: string;
};

export const READER_WORDS: Readonly<Record<Readers, string>> = {
  owner: 'only me',
  tenant: 'everybody of my tenant',
  anyone: 'anyone with the address',
};

/** Tells whom an upload may be shared with; undefined where there is nothing to choose. */
export type ToSharing = (upload: Upload) => Sharing | undefined;

/** The sharing that a deployment's policies allow. */
export function createToSharing(endpoint: string, { policies }: PolicyList): ToSharing {
  const allowedBy = new Map(policies.map(({ name, readers }) => [name, readers?.allowed]));
  return ({ id, state, policy, readers = 'owner', filename, servedName = filename }) => {
    const allowed: readonly Readers[] = allowedBy.get(policy) ?? ['owner'];
    const choices = allowed.includes(readers) ? allowed : [readers, ...allowed];
    if (choices.length < 2 || isEnded(state) || state === 'rejected') return undefined;
    const isOpen = state === 'accepted' && readers === 'anyone';
    return { readers, choices, ...(isOpen && { address: fileUrl(endpoint, id, servedName) }) };
  };
}
