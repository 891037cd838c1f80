import type { Stats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { typeByExtension } from '@sluice/contract/content-types';
import { SourceError } from './errors.ts';
import type { FileSource } from './platform.ts';

const CHUNK_BYTES = 256 * 1024;

/**
 * A file on disk, of the type that its extension says, to be read a chunk at a time when it is sent. Rejects
 * with SourceError when there is no such file. Its stream rejects with one when the file has changed in
 * between: pieces of two versions make a third.
 */
export async function openFile(path: string): Promise<FileSource> {
  const facts = await stat(path).catch((cause: unknown) => {
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    const why = cause instanceof Error ? cause.message : cause;
    throw new SourceError(isMissing ? `There is no file ${path}.` : `${path} cannot be read: ${why}`, {
      cause,
    });
  });
  if (!facts.isFile())
    throw new SourceError(`${path} is not a file: name the files in it, such as ${path}/*.`);
  return pieceOf(path, facts, 0, facts.size);
}

function pieceOf(path: string, facts: Stats, start: number, end: number): FileSource {
  return {
    name: basename(path),
    type: typeByExtension(path) ?? '',
    size: end - start,
    lastModified: facts.mtimeMs,
    stream: () => read(path, facts, start, end),
    slice: (from, to) => pieceOf(path, facts, start + from, start + to),
  };
}

async function* read(path: string, facts: Stats, start: number, end: number): AsyncGenerator<Uint8Array> {
  const file = await open(path);
  try {
    let position = start;
    do {
      const length = Math.min(CHUNK_BYTES, end - position);
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, position);
      position += bytesRead;
      // Before the last bytes are given away: whoever sends them then breaks off, and S3 keeps nothing.
      if (position === end || bytesRead === 0) requireUnchanged(await file.stat(), facts);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    } while (position < end);
  } finally {
    await file.close();
  }
}

function requireUnchanged(now: Stats, before: Stats): void {
  if (now.size === before.size && now.mtimeMs === before.mtimeMs) return;
  throw new SourceError('The file changed while it was being read.');
}
