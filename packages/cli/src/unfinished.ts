import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isUnfinished, type Unfinished, type UnfinishedStore } from '@sluice/client/unfinished';
import { writeOwnFile } from './write-file.ts';

/**
 * Remembers unfinished uploads in a folder, a file for each: two `sluice` at the same time never write the
 * same one. Those whose time is up are removed whenever another one is written.
 */
export function openUnfinished(folder: string, now: () => number): UnfinishedStore {
  const toPath = (fingerprint: string): string => join(folder, `${fingerprint}.json`);

  const read = async (path: string): Promise<Unfinished | undefined> => {
    try {
      const kept: unknown = JSON.parse(await readFile(path, 'utf8'));
      return isUnfinished(kept) && Date.parse(kept.expiresAt) > now() ? kept : undefined;
    } catch {
      return undefined;
    }
  };

  const sweep = async (): Promise<void> => {
    for (const name of await readdir(folder)) {
      const path = join(folder, name);
      if (name.endsWith('.json') && (await read(path)) === undefined) await rm(path, { force: true });
    }
  };

  return {
    read: (fingerprint) => read(toPath(fingerprint)),
    write: async (fingerprint, upload) => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await sweep();
      await writeOwnFile(toPath(fingerprint), JSON.stringify(upload));
    },
    forget: (fingerprint) => rm(toPath(fingerprint), { force: true }),
  };
}
