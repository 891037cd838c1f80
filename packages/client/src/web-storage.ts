import { parseJson } from './fields.ts';
import { isUnfinished, type UnfinishedStore } from './unfinished.ts';

const PREFIX = 'sluice:unfinished:';

type WebStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

/**
 * Remembers unfinished uploads in a page's `localStorage`, so that they go on after a reload. Those whose
 * time is up are dropped whenever another one is written. Where people share a browser, give each a `scope`.
 */
export function rememberIn(
  storage: WebStorage,
  { scope = '', now = Date.now }: { readonly scope?: string; readonly now?: () => number } = {},
): UnfinishedStore {
  const read = (key: string) => {
    const value = parseJson(storage.getItem(key) ?? '');
    return isUnfinished(value) && Date.parse(value.expiresAt) > now() ? value : undefined;
  };
  const sweep = (): void => {
    const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? '');
    for (const key of keys) {
      if (key.startsWith(PREFIX) && read(key) === undefined) storage.removeItem(key);
    }
  };
  const toKey = (fingerprint: string): string => `${PREFIX}${scope}${fingerprint}`;
  return {
    read: async (fingerprint) => read(toKey(fingerprint)),
    write: async (fingerprint, upload) => {
      sweep();
      storage.setItem(toKey(fingerprint), JSON.stringify(upload));
    },
    forget: async (fingerprint) => storage.removeItem(toKey(fingerprint)),
  };
}
