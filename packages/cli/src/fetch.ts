import { createHash, randomUUID } from 'node:crypto';
import { link, mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { NetworkError, StorageError } from '@sluice/client/errors';
import type { Upload } from '@sluice/client/resource';
import { toNetworkError } from '@sluice/client/unreachable';
import { toDraftName } from '@sluice/connection/transfers/draft-name';
import { Complaint } from './complaint.ts';
import { printable } from './text.ts';

export type FetchOptions = {
  readonly replaces: boolean;
  readonly signal: AbortSignal;
  readonly onBytes: (bytes: number) => void;
};

/**
 * Fetches an accepted file into a path, which appears only once all of it is there and is what was verified. What was
 * begun and not finished is removed.
 */
export async function fetchInto(
  path: string,
  url: string,
  upload: Upload,
  options: FetchOptions,
): Promise<void> {
  const draft = join(dirname(path), `.${toDraftName(basename(path))}.${randomUUID()}.part`);
  await mkdir(dirname(path), { recursive: true });
  try {
    await write(draft, await ask(url, options.signal), upload, options);
    await place(draft, path, options.replaces);
  } finally {
    await rm(draft, { force: true });
  }
}

type Bytes = AsyncIterable<Uint8Array>;

async function ask(url: string, signal: AbortSignal): Promise<Bytes> {
  const response = await fetch(url, { signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw toNetworkError(`There was no answer from ${new URL(url).host}`, error);
  });
  if (response.ok && response.body) return response.body;
  throw new StorageError(response.status, 'Unknown', `S3 did not give the file: ${response.status}.`);
}

async function write(
  draft: string,
  body: Bytes,
  upload: Upload,
  { signal, onBytes }: FetchOptions,
): Promise<void> {
  const { algorithm, value } = upload.checksum ?? {};
  const hash = algorithm === 'sha256' ? createHash('sha256') : undefined;
  let bytes = 0;
  await using file = await open(draft, 'wx');
  try {
    for await (const chunk of body) {
      await file.writeFile(chunk);
      hash?.update(chunk);
      bytes += chunk.length;
      onBytes(bytes);
    }
  } catch (error) {
    signal.throwIfAborted();
    // What the disk says (ENOSPC, EIO) has a syscall; anything else came from the connection.
    if (error instanceof Error && 'syscall' in error && error.syscall === 'write') {
      throw new Complaint(`The file could not be written: ${error.message}.`);
    }
    throw toNetworkError(`The connection to S3 broke after ${bytes} bytes`, error);
  }
  if (upload.size !== undefined && bytes !== upload.size) {
    throw new NetworkError(`${bytes} bytes came, not the ${upload.size} that the file has.`);
  }
  if (hash && hash.digest('base64') !== value) {
    throw new Complaint('The bytes that came are not those that were uploaded: their SHA-256 differs.');
  }
}

/** A link fails when the name is taken, a rename would replace it: nothing can slip in between. */
async function place(draft: string, path: string, replaces: boolean): Promise<void> {
  if (replaces) return rename(draft, path);
  try {
    await link(draft, path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EEXIST')
      throw new Complaint(`${printable(path)} is there already.`, 'Replace it with --force.');
    // Some file systems have no links; toPath has looked for the name a moment ago.
    await rename(draft, path);
  }
}
