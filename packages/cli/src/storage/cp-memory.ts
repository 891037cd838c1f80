import { hash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createMemories, type Memory } from '@sluice/client/unfinished';
import { openUnfinished } from '../unfinished.ts';
import type { World } from '../world.ts';

// S3 keeps parts until somebody clears them away. An id that has outlived its parts does no harm: the upload
// begins anew.
const KEPT_FOR_MS = 30 * 86_400_000;

/** The upload id of one file on its way to one target, kept from one run to the next. */
export type UploadMemory = Pick<Memory, 'read' | 'forget'> & {
  readonly write: (uploadId: string) => Promise<void>;
};

/**
 * Opens the memory of an upload. Its file is known by path, size and time of change; `target` is everything
 * else that makes it this upload and no other.
 */
export async function openMemory(path: string, target: unknown, world: World): Promise<UploadMemory> {
  const { now } = world.timing;
  const remember = createMemories(openUnfinished(join(world.stateFolder, 'cp'), now));
  const { read, write, forget } = await remember(async () => {
    const { size, mtimeMs } = await stat(path);
    return hash('sha256', JSON.stringify([path, size, mtimeMs, target]));
  });
  return {
    read,
    forget,
    write: (id) => write({ id, expiresAt: new Date(now() + KEPT_FOR_MS).toISOString() }),
  };
}
