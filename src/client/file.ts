import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { SourceError } from './errors.ts';
import type { FileSource } from './platform.ts';

const CHUNK_BYTES = 256 * 1024;

/** A file on disk, to be read a chunk at a time when it is sent. Rejects with SourceError when there is no such file. */
export const openFile = async (path: string): Promise<FileSource> => {
  const facts = await stat(path).catch((cause: unknown) => {
    throw new SourceError(`${path} cannot be read: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    });
  });
  if (!facts.isFile()) throw new SourceError(`${path} is not a file.`);
  return {
    name: basename(path),
    size: facts.size,
    stream: () => createReadStream(path, { highWaterMark: CHUNK_BYTES }),
  };
};
