import { readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const FORGOTTEN_AFTER_MS = 86_400_000;
const UUID_DRAFT = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.part$/;

/**
 * Removes drafts of the file that nobody else had, and whose process was killed: nothing has been written to
 * them for a day.
 */
export async function removeForgotten(prefix: string): Promise<void> {
  for (const path of await listDrafts(prefix, UUID_DRAFT)) {
    const left = await stat(path).catch(() => undefined);
    if (left && Date.now() - left.mtimeMs > FORGOTTEN_AFTER_MS) await rm(path, { force: true });
  }
}

/** Removes the drafts of other objects, and their journals, that are left of the same file. */
export async function removeOthers(prefix: string, own: string): Promise<void> {
  for (const path of await listDrafts(prefix, /^[0-9a-f]{16}\.part(\.journal)?$/)) {
    if (!path.startsWith(own)) await rm(path, { force: true });
  }
}

/** A folder may be written to and not be listed: then there is nothing to tidy up. */
async function listDrafts(prefix: string, rest: RegExp): Promise<string[]> {
  const folder = dirname(prefix);
  const names = await readdir(folder).catch(() => []);
  return names
    .map((name) => join(folder, name))
    .filter((path) => path.startsWith(prefix) && rest.test(path.slice(prefix.length)));
}
