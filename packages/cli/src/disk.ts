import { dirname } from 'node:path';
import { Complaint } from './complaint.ts';
import { printable } from './text.ts';

// What the disk says has one of these; sockets share `read` and `write`, but neither have a path nor fail for
// such reasons.
const CALLS =
  /^(open|read|write|writev|ftruncate|rename|link|mkdir|unlink|lstat|stat|scandir|access|realpath)$/;
const REASONS = /^(ENOSPC|EDQUOT|EACCES|EPERM|EROFS|EISDIR|ENOTDIR|EFBIG|EIO)$/;

type Fault = Error & { readonly code?: unknown; readonly syscall?: unknown; readonly path?: unknown };

/**
 * What is wrong with the file that was to be read or written, and what to do; undefined when it is not the
 * disk that failed.
 */
export function toDiskComplaint(error: unknown, path: string): Complaint | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code, syscall, path: at }: Fault = cause;
    if (!CALLS.test(String(syscall))) continue;
    if (at === undefined && !REASONS.test(String(code))) continue;
    // A file where a folder is to be made.
    const told = COMPLAINTS[syscall === 'mkdir' && code === 'EEXIST' ? 'ENOTDIR' : String(code)];
    return told
      ? told(printable(path), printable(dirname(path)))
      : new Complaint(`${printable(path)} could not be used: ${printable(cause.message)}.`);
  }
  return undefined;
}

const ELSEWHERE = 'Choose another place, or change its permissions.';
const FULL = 'Free some, or choose another place.';

function denied(path: string): Complaint {
  return new Complaint(`You may not read or write ${path}, or the folder that it is in.`, ELSEWHERE);
}

const COMPLAINTS: Readonly<Record<string, (path: string, folder: string) => Complaint>> = {
  EACCES: denied,
  EPERM: denied,
  EROFS: (_path, folder) =>
    new Complaint(`${folder} is on a disk that is read-only.`, 'Choose another place.'),
  ENOSPC: (path) => new Complaint(`There is no space left for ${path}.`, FULL),
  EDQUOT: (path) => new Complaint(`Your quota has no space left for ${path}.`, FULL),
  EFBIG: (path) => new Complaint(`${path} is larger than the file system or a limit of yours allows.`, FULL),
  EISDIR: (path) => new Complaint(`${path} is a folder.`, 'Give the file another name.'),
  ENOTDIR: (path) =>
    new Complaint(
      `A file is in the way to ${path}, where there would have to be a folder.`,
      'Choose another place.',
    ),
  EEXIST: (path) =>
    new Complaint(`${path} is there already.`, 'Replace it with --force, or choose another place.'),
  ENOENT: (path, folder) =>
    new Complaint(`${path} is not there, or ${folder} is not any more.`, 'Look at the path, and try again.'),
  ENAMETOOLONG: (path) =>
    new Complaint(`The name ${path} is longer than the file system allows.`, 'Give the file a shorter name.'),
  ELOOP: (path) =>
    new Complaint(`The links that ${path} leads through go round in a circle.`, 'Choose another place.'),
};
