import type { Client } from '@sluice/client/client';
import type { Upload } from '@sluice/client/resource';

/** The address that stays, of a file that anyone may read; undefined for every other. */
export function addressOf(client: Client, upload: Upload): string | undefined {
  const { id, state, readers, servedName, filename } = upload;
  return state === 'accepted' && readers === 'anyone'
    ? client.fileUrl(id, servedName ?? filename)
    : undefined;
}
