// What a page pays for the client as it is published: npm's folder, the manifest's conditions, a bundler for
// browsers.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildPackages } from '../../../packages/build.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-bundle-'));
  await buildPackages((name) => join(folder, 'node_modules', '@sluice', name));
}, 60_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

async function bundle(contents: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: folder, loader: 'js' },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    external: ['react'],
  });
  return outputFiles.map(({ text }) => text).join('');
}

function toKiB(text: string): number {
  return gzipSync(text).length / 1024;
}

// Raise a budget in a commit of its own that says what was bought with it.
const BUDGETS = [
  ['the uploader', `export { createUploader } from '@sluice/client'`, 8],
  ['the client without uploads', `export { createClient } from '@sluice/client'`, 2.5],
  ['everything', `export * from '@sluice/client'`, 8.25],
  ["Uppy's signer", `export * from '@sluice/client/uppy'`, 2],
  ["React's hooks", `export * from '@sluice/client/react'`, 2.25],
  [
    'the uploader and a hook',
    `export { createUploader } from '@sluice/client'; export { useUpload } from '@sluice/client/react'`,
    9.25,
  ],
] as const;

describe('the bundle for browsers', () => {
  test.each(BUDGETS)(
    'of %s is within its budget and needs nothing of Node',
    async (_what, entry, budgetKiB) => {
      const text = await bundle(entry);
      expect(/\bBuffer\b|node:|\bprocess\b/.exec(text)?.[0]).toBeUndefined();
      const sizeKiB = toKiB(text);
      expect(sizeKiB).toBeLessThan(budgetKiB);
      // A budget that nothing comes near holds nothing back.
      expect(sizeKiB).toBeGreaterThan(budgetKiB * 0.85);
    },
  );

  test('of an error alone holds nothing else: no module does anything when it is loaded', async () => {
    const text = await bundle(`export { SluiceError } from '@sluice/client'`);
    expect(toKiB(text)).toBeLessThan(0.5);
  });
});
