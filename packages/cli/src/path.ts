import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { Complaint } from './complaint.ts';
import { printable } from './text.ts';

/**
 * Where a download goes: the path that was named, or the file's own name in the folder that was named or is
 * current. Throws Complaint when something is there that must not be replaced.
 */
export async function toPath(
  folder: string,
  named: string | undefined,
  filename: string,
  replaces: boolean,
): Promise<string> {
  const asked = named === undefined ? folder : resolve(folder, named);
  const isFolder =
    named === undefined || named.endsWith('/') || (await stat(asked).catch(() => undefined))?.isDirectory();
  const path = isFolder ? join(asked, toOwnName(filename)) : asked;
  const there = await stat(path).catch(() => undefined);
  if (there?.isDirectory())
    throw new Complaint(`${printable(path)} is a folder.`, 'Give the file another name.');
  // Into a device or a pipe it is written; there is nothing to replace.
  if (there?.isFile() && !replaces) {
    throw new Complaint(
      `${printable(path)} is there already.`,
      'Replace it with --force, or name another file with -o.',
    );
  }
  return path;
}

// The API serves no name that holds path or control characters; one from elsewhere must not leave the folder
// either. What else the contract mends in a name stays as it is: an object of S3 that is called `.env` is
// saved as `.env`.
function toOwnName(filename: string): string {
  const name = printable(basename(filename.replaceAll('\\', '/')));
  return name === '' || name === '.' || name === '..' ? 'download' : name;
}
