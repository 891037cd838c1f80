import { appendFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Two sets of keys, as large as the disk takes, and what the second has beyond the first. */
export type KeyFiles = AsyncDisposable & {
  readonly add: (side: Side, key: string) => void;
  readonly missing: () => AsyncGenerator<string>;
};

export type Side = 'report' | 'ledger';

const BUFFER_CHARACTERS = 16_384;

/**
 * Keeps keys in 512 temporary files, by the side and by the last two digits of the key, which are random in
 * an upload's id: so one 256th of them is in memory at a time.
 */
export async function openKeyFiles(): Promise<KeyFiles> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-keys-'));
  const buffers = new Map<string, string>();
  const flush = (name: string, text: string) => {
    appendFileSync(join(folder, name), text, { mode: 0o600 });
    buffers.set(name, '');
  };
  const read = async (name: string) => {
    const text = await readFile(join(folder, name), 'utf8').catch(() => '');
    return `${text}${buffers.get(name) ?? ''}`.split('\n').filter(Boolean);
  };
  return {
    add: (side, key) => {
      if (key.includes('\n')) return; // no upload's: it would be two
      const name = `${side}-${/[0-9a-f]{2}$/.exec(key)?.[0] ?? '00'}`;
      const text = `${buffers.get(name) ?? ''}${key}\n`;
      if (text.length > BUFFER_CHARACTERS) flush(name, text);
      else buffers.set(name, text);
    },
    missing: async function* () {
      for (let n = 0; n < 256; n += 1) {
        const digits = n.toString(16).padStart(2, '0');
        const reported = new Set(await read(`report-${digits}`));
        for (const key of await read(`ledger-${digits}`)) if (!reported.has(key)) yield key;
      }
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
