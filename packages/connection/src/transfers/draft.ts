import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, link, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { ByteRange } from './byte-range.ts';
import { lineOf, readChecksum, readJournal } from './draft-journal.ts';
import { toDraftName } from './draft-name.ts';
import { removeForgotten, removeOthers } from './left-drafts.ts';
import { codeOf, findOwn, openOwn } from './own-file.ts';
import type { RemoteObject } from './remote-object.ts';

/** A file on its way, beside the one it is to become. Disposing of it closes it. */
export type Draft = AsyncDisposable & {
  readonly file: FileHandle;
  /**
   * The CRC32 of a range that an earlier try left and that is still on disk as it was; undefined when it has
   * to be fetched.
   */
  readonly find: (range: ByteRange) => Promise<number | undefined>;
  /** Notes that a range has been written. */
  readonly add: (range: ByteRange, checksum: number) => Promise<void>;
  /**
   * Gives it the name that it is for. Unless that may be replaced, fails with EEXIST where there is a file of
   * that name: nothing can slip in between.
   */
  readonly publish: (replaces: boolean) => Promise<void>;
  /** Nothing of it is to be used. */
  readonly discard: () => Promise<void>;
};

/** Makes a draft that nobody else has, and that goes when it is disposed of without having been published. */
export async function createDraft(path: string): Promise<Draft> {
  const name = `${prefixOf(path)}${randomUUID()}.part`;
  await removeForgotten(prefixOf(path));
  const file: FileHandle = await open(name, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL);
  const discard = () => rm(name, { force: true });
  return {
    file,
    find: async () => undefined,
    add: async () => {},
    publish: (replaces) => move(name, path, replaces),
    discard,
    async [Symbol.asyncDispose]() {
      await file.close();
      await discard();
    },
  };
}

/**
 * Opens the draft of an object that an earlier try may have left, and removes those of other objects for the
 * same file. A journal beside it has a line for each range that was written, with its CRC32: no range counts
 * that does not match, be it that the machine went down before all of it was on disk, or that the file is not
 * the one that was left.
 */
export async function reopenDraft(path: string, object: RemoteObject): Promise<Draft> {
  const { prefix, name, journal } = namesOf(path, object);
  await removeForgotten(prefixOf(path));
  await removeOthers(prefix, name);
  const file = await openOwn(name, 0);
  const log = await openOwn(journal, constants.O_APPEND).catch(async (error: unknown) => {
    await file.close();
    throw error;
  });
  const known = await readJournal(log);
  // Without a range that is whole there is nothing to go on with.
  let isWorthKeeping = false;
  let isPublished = false;
  const discard = async () => {
    await rm(journal, { force: true });
    await rm(name, { force: true });
  };
  return {
    file,
    async find(range) {
      const checksum = known.get(lineOf(range));
      if (checksum === undefined || checksum !== (await readChecksum(file, range))) return undefined;
      isWorthKeeping = true;
      return checksum;
    },
    async add(range, checksum) {
      await log.write(`${lineOf(range)} ${checksum}\n`);
      isWorthKeeping = true;
    },
    async publish(replaces) {
      // First, so that a kill in between leaves nothing that no later run would look for.
      await rm(journal, { force: true });
      isWorthKeeping = false;
      try {
        await move(name, path, replaces);
      } catch (error) {
        // Another process that was at the same draft may have given it its name already.
        const [own, there] = await Promise.all([file.stat(), stat(path).catch(() => undefined)]);
        const isThere = there?.ino === own.ino && there.dev === own.dev;
        // Or it has failed, and taken the draft with it: all of it can be read as long as it is open.
        const isTaken = codeOf(error) === 'ENOENT' && own.nlink === 0;
        if (!isThere && !isTaken) throw error;
        if (!isThere) await rewrite(file, path, replaces);
      }
      isPublished = true;
    },
    discard,
    async [Symbol.asyncDispose]() {
      await file.close();
      await log.close();
      if (!isWorthKeeping && !isPublished) await discard();
    },
  };
}

/** Writes what is left of a file without a name to another draft, and gives that the name that it is for. */
async function rewrite(file: FileHandle, path: string, replaces: boolean): Promise<void> {
  await using copy: Draft = await createDraft(path);
  const bytes = file.createReadStream({ start: 0, autoClose: false });
  await copy.file.writeFile(bytes);
  await copy.publish(replaces);
}

/** A link fails where a rename would replace what is there. */
async function move(name: string, path: string, replaces: boolean): Promise<void> {
  if (replaces) return rename(name, path);
  try {
    await link(name, path);
  } catch (error) {
    // Some file systems have no links: then the last look has to do.
    if (codeOf(error) === 'EEXIST' || codeOf(error) === 'ENOENT') throw error;
    if ((await stat(path).catch(() => undefined)) !== undefined) throw error;
    return rename(name, path);
  }
  await rm(name, { force: true });
}

/** Tells whether an earlier try has left something of the object, to be gone on with by `reopenDraft`. */
export async function isBegun(path: string, object: RemoteObject): Promise<boolean> {
  const log = await findOwn(namesOf(path, object).journal, constants.O_APPEND);
  if (log === undefined) return false;
  try {
    return (await readJournal(log)).size > 0;
  } finally {
    await log.close();
  }
}

function namesOf(path: string, { identity }: RemoteObject) {
  const prefix = `${prefixOf(path)}${digest(basename(path), 8)}-`;
  const name = `${prefix}${digest(JSON.stringify(identity), 16)}.part`;
  return { prefix, name, journal: `${name}.journal` };
}

/**
 * How the names of all drafts of a file begin. Hidden, and never the name of something that a person would
 * keep.
 */
function prefixOf(path: string): string {
  return join(dirname(path), `.${toDraftName(basename(path))}.`);
}

function digest(text: string, length: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length);
}
