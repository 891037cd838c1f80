import type { Unfinished, UnfinishedStore } from '@sluice/client/unfinished';

/** A store in memory. */
export function createMemoryStore(): UnfinishedStore & { readonly kept: ReadonlyMap<string, Unfinished> } {
  const kept = new Map<string, Unfinished>();
  return {
    kept,
    read: async (fingerprint) => kept.get(fingerprint),
    write: async (fingerprint, upload) => void kept.set(fingerprint, upload),
    forget: async (fingerprint) => void kept.delete(fingerprint),
  };
}
