import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { ByteRange } from './byte-range.ts';
import { toDraftName } from './draft-name.ts';
import type { SourceObject } from './source-object.ts';

/** A file on its way, beside the one it is to become. Disposing of it closes it. */
export type Draft = AsyncDisposable & {
  readonly file: FileHandle;
  /** The CRC32 of a range that an earlier try left and that is still on disk as it was; undefined when it has to be fetched. */
  readonly find: (range: ByteRange) => Promise<number | undefined>;
  /** Notes that a range has been written. */
  readonly add: (range: ByteRange, checksum: number) => Promise<void>;
  /** Gives it the name that it is for. */
  readonly publish: () => Promise<void>;
  /** Nothing of it is to be used. */
  readonly discard: () => Promise<void>;
};

/** Makes a draft that nobody else has, and that goes when it is disposed of without having been published. */
export async function createDraft(path: string): Promise<Draft> {
  const name = `${prefixOf(path)}${randomUUID()}.part`;
  const file: FileHandle = await open(name, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL);
  const discard = () => rm(name, { force: true });
  return {
    file,
    find: async () => undefined,
    add: async () => {},
    publish: () => rename(name, path),
    discard,
    async [Symbol.asyncDispose]() {
      await file.close();
      await discard();
    },
  };
}

/**
 * Opens the draft of an object that an earlier try may have left, and removes those of other objects for the same file. A
 * journal beside it has a line for each range that was written, with its CRC32: no range counts that does not match, be it
 * that the machine went down before all of it was on disk, or that the file is not the one that was left.
 */
export async function reopenDraft(path: string, { name: object, etag, bytes }: SourceObject): Promise<Draft> {
  const prefix = `${prefixOf(path)}${digest(basename(path), 8)}-`;
  const identity = JSON.stringify([object.bucket, object.key, object.versionId, etag, bytes]);
  const name = `${prefix}${digest(identity, 16)}.part`;
  const journal = `${name}.journal`;
  await removeOthers(prefix, name);
  const known = await readJournal(journal);
  const file: FileHandle = await open(name, constants.O_RDWR | constants.O_CREAT);
  const log: FileHandle = await open(journal, 'a');
  return {
    file,
    async find(range) {
      const checksum = known.get(lineOf(range));
      return checksum !== undefined && checksum === (await readChecksum(file, range)) ? checksum : undefined;
    },
    async add(range, checksum) {
      await log.write(`${lineOf(range)} ${checksum}\n`);
    },
    async publish() {
      await rm(journal, { force: true });
      await rename(name, path);
    },
    async discard() {
      await rm(journal, { force: true });
      await rm(name, { force: true });
    },
    async [Symbol.asyncDispose]() {
      await file.close();
      await log.close();
    },
  };
}

/** How the names of all drafts of a file begin. Hidden, and never the name of something that a person would keep. */
function prefixOf(path: string): string {
  return join(dirname(path), `.${toDraftName(basename(path))}.`);
}

function digest(text: string, length: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length);
}

async function removeOthers(prefix: string, own: string): Promise<void> {
  const folder = dirname(prefix);
  for (const entry of await readdir(folder)) {
    const path = join(folder, entry);
    if (!path.startsWith(prefix) || path.startsWith(own)) continue;
    if (/^[0-9a-f]{16}\.part(\.journal)?$/.test(path.slice(prefix.length))) await rm(path, { force: true });
  }
}

function lineOf({ first, last }: ByteRange): string {
  return `${first}-${last}`;
}

/** A last line that was cut off counts for nothing. */
async function readJournal(path: string): Promise<Map<string, number>> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const lines = text.split('\n').slice(0, -1);
  return new Map(lines.map((line) => line.split(' ')).map(([range = '', sum]) => [range, Number(sum)]));
}

const BLOCK_BYTES = 2 ** 20;

/** The CRC32 of a range as it is on disk; undefined when the file ends before it. */
async function readChecksum(file: FileHandle, { first, last }: ByteRange): Promise<number | undefined> {
  const block = Buffer.allocUnsafe(BLOCK_BYTES);
  let checksum = 0;
  for (let at = first; at <= last; ) {
    const { bytesRead } = await file.read(block, 0, Math.min(BLOCK_BYTES, last - at + 1), at);
    if (bytesRead === 0) return undefined;
    checksum = crc32(block.subarray(0, bytesRead), checksum);
    at += bytesRead;
  }
  return checksum;
}
