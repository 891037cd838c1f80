import { constants } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';

/**
 * Opens a file that an earlier try has left, or makes it. Its name can be foreseen, and others may write to
 * the folder: what they have put there under that name is removed, never written to.
 */
export async function openOwn(path: string, flags: number): Promise<FileHandle> {
  const left = await findOwn(path, flags);
  if (left) return left;
  try {
    return await openNew(path, flags);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
  // Another process may have made it just now.
  const made = await findOwn(path, flags);
  if (made) return made;
  await rm(path, { force: true });
  return openNew(path, flags);
}

function openNew(path: string, flags: number): Promise<FileHandle> {
  return open(path, flags | constants.O_RDWR | constants.O_CREAT | constants.O_EXCL);
}

/**
 * A file of this user's that has no other name. A link would lead to a file that somebody else has chosen,
 * and who owns a file can change it after its checksum has been compared. Undefined for anything else.
 */
export async function findOwn(path: string, flags: number): Promise<FileHandle | undefined> {
  // Windows has neither the flag nor such ids.
  const noFollow = constants.O_NOFOLLOW ?? 0;
  let file: FileHandle;
  try {
    file = await open(path, flags | constants.O_RDWR | noFollow);
  } catch (error) {
    if (NOT_OURS.has(codeOf(error))) return undefined;
    throw error;
  }
  const found = await file.stat().catch(async (error: unknown) => {
    await file.close();
    throw error;
  });
  const isMine = process.getuid === undefined || found.uid === process.getuid();
  const isOwn = found.isFile() && found.nlink === 1 && isMine;
  if (isOwn) return file;
  await file.close();
  return undefined;
}

const NOT_OURS: ReadonlySet<unknown> = new Set(['ENOENT', 'ELOOP', 'EMLINK', 'EACCES', 'EPERM', 'ENXIO']);

/** What the system calls a failure, such as ENOENT. */
export function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
