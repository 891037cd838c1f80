import { mkdtempSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DOWNLOAD_EXPIRES_IN_SECONDS } from '../../../src/lib/upload/address.ts';
import type { Policy } from '../../../src/lib/upload/policy.ts';
import { PART_URL_EXPIRES_IN_SECONDS } from '../../../src/lib/upload/sign-parts.ts';
import { policies } from '../../../src/policies.ts';

type Lifetimes = { readonly uploadInMilliseconds: string; readonly downloadInMilliseconds: string };
const readLifetimes: (serverless: { resolveVariable: () => Promise<string> }) => Promise<Lifetimes> =
  createRequire(import.meta.url)('../../../infra/lifetimes.cjs');

test('the buckets take a signature for as long as the longest-lived one that is made for them, and no longer', async () => {
  const made = [
    PART_URL_EXPIRES_IN_SECONDS,
    ...Object.values(policies).map(({ urlExpiresInSeconds }) => urlExpiresInSeconds),
  ];
  const downloads = Object.values<Policy>(policies).map(
    ({ downloadExpiresInSeconds = 0 }) => downloadExpiresInSeconds,
  );
  expect(Math.max(...downloads)).toBeGreaterThan(DOWNLOAD_EXPIRES_IN_SECONDS);
  expect(await readLifetimes({ resolveVariable: async () => 'src/policies.ts' })).toEqual({
    uploadInMilliseconds: String(1000 * Math.max(...made)),
    downloadInMilliseconds: String(1000 * Math.max(DOWNLOAD_EXPIRES_IN_SECONDS, ...downloads)),
  });
});

test('they are those of the policies that the stage names', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'sluice-lifetimes-')), 'policies.ts');
  const slow = { ...policies.images, urlExpiresInSeconds: 7_200, downloadExpiresInSeconds: 60 };
  writeFileSync(file, `export const policies = { slow: ${JSON.stringify(slow)} };`);
  const { uploadInMilliseconds, downloadInMilliseconds } = await readLifetimes({
    resolveVariable: async () => file,
  });
  expect(uploadInMilliseconds).toBe('7200000');
  // What was accepted under a policy that is gone is read for as long as if it had said nothing.
  expect(downloadInMilliseconds).toBe('300000');
});
