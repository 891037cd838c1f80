import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';

const folder = fileURLToPath(new URL('../../../packages/client/src', import.meta.url));

async function bundle(entry: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: entry, resolveDir: folder, loader: 'ts' },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    minify: true,
  });
  return outputFiles.map(({ text }) => text).join('');
}

// What a page pays for. Raise a budget in a commit of its own that says what was bought with it.
const BUDGETS = [
  ['the uploader', `export { createUploader } from './uploader.ts'`, 8],
  ['the client without uploads', `export { createClient } from './client.ts'`, 2.25],
] as const;

describe('the bundle for browsers', () => {
  test.each(BUDGETS)(
    'of %s is within its budget and needs nothing of Node',
    async (_what, entry, budgetKiB) => {
      const text = await bundle(entry);
      expect(/\bBuffer\b|node:|\bprocess\b/.exec(text)?.[0]).toBeUndefined();
      const sizeKiB = gzipSync(text).length / 1024;
      expect(sizeKiB).toBeLessThan(budgetKiB);
      // A budget that nothing comes near holds nothing back.
      expect(sizeKiB).toBeGreaterThan(budgetKiB * 0.85);
    },
  );
});
