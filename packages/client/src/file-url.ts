import { isId } from './client.ts';

/**
 * The address of a file that anyone may read. It stays, and leads to one that is short-lived. It needs no
 * token, and there is none for other files.
 * @param endpoint the address of the API
 * @param name the upload's `servedName`: under another name there is no file
 */
export function fileUrl(endpoint: string, id: string, name: string): string {
  if (!isId(id)) throw new TypeError('That is not the id of an upload.');
  return `${endpoint.replace(/\/+$/, '')}/files/${id}/${encodeURIComponent(name)}`;
}
