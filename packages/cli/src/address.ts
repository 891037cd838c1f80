import { fileUrl } from '@sluice/client/file-url';
import type { Upload } from '@sluice/client/resource';

/** The address that stays, of a file that anyone may read; undefined for every other. */
export function addressOf(endpoint: string, upload: Upload): string | undefined {
  const { id, state, readers, servedName, filename } = upload;
  return state === 'accepted' && readers === 'anyone'
    ? fileUrl(endpoint, id, servedName ?? filename)
    : undefined;
}
