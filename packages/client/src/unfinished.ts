import { isFields } from './fields.ts';
import type { Upload } from './resource.ts';

/**
 * What is kept of an upload that has not ended: enough to ask for it, and to know when it is of no use any
 * more.
 */
export type Unfinished = Pick<Upload, 'id' | 'expiresAt'>;

/** Where unfinished uploads are remembered from one run to the next, by the fingerprint of their file. */
export type UnfinishedStore = {
  read(fingerprint: string): Promise<Unfinished | undefined>;
  write(fingerprint: string, upload: Unfinished): Promise<void>;
  /** Harmless for what is not there. */
  forget(fingerprint: string): Promise<void>;
};

/** True for what a store has kept; whatever else is found in its place counts as nothing. */
export function isUnfinished(value: unknown): value is Unfinished {
  return isFields(value) && typeof value.id === 'string' && typeof value.expiresAt === 'string';
}

/**
 * What is remembered of one file. Never rejects: what cannot be remembered is begun anew another time, and no
 * worse.
 */
export type Memory = {
  readonly read: () => Promise<string | undefined>;
  readonly write: (upload: Unfinished) => Promise<void>;
  readonly forget: () => Promise<void>;
  /** Lets another upload of the same file use this memory. */
  readonly release: () => void;
};

/** Remembers nothing. */
export const NO_MEMORY: Memory = {
  read: async () => undefined,
  write: async () => undefined,
  forget: async () => undefined,
  release: () => undefined,
};

/**
 * Gives the memory of a file to one upload at a time: the same file picked twice makes two uploads, of which
 * an abort of one must not take the other with it.
 */
export function createMemories(
  store: UnfinishedStore,
): (toFingerprint: () => Promise<string>) => Promise<Memory> {
  const taken = new Set<string>();
  return async (toFingerprint) => {
    const fingerprint = await toFingerprint();
    if (taken.has(fingerprint)) return NO_MEMORY;
    taken.add(fingerprint);
    return {
      read: async () => (await store.read(fingerprint).catch(() => undefined))?.id,
      write: ({ id, expiresAt }) => store.write(fingerprint, { id, expiresAt }).catch(() => undefined),
      forget: () => store.forget(fingerprint).catch(() => undefined),
      release: () => void taken.delete(fingerprint),
    };
  };
}
