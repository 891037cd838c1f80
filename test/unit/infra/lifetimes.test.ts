import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { DOWNLOAD_EXPIRES_IN_SECONDS } from '../../../src/lib/upload/download.ts';
import { PART_URL_EXPIRES_IN_SECONDS } from '../../../src/lib/upload/multipart.ts';
import { policies } from '../../../src/policies.ts';

type Lifetimes = { readonly uploadInMilliseconds: string; readonly downloadInMilliseconds: string };
const readLifetimes: (serverless: { resolveVariable: () => Promise<string> }) => Promise<Lifetimes> =
  createRequire(import.meta.url)('../../../infra/lifetimes.cjs');

test('the buckets take a signature for as long as the longest-lived one that is made for them, and no longer', async () => {
  const made = [
    PART_URL_EXPIRES_IN_SECONDS,
    ...Object.values(policies).map(({ urlExpiresInSeconds }) => urlExpiresInSeconds),
  ];
  expect(await readLifetimes({ resolveVariable: async () => 'src/policies.ts' })).toEqual({
    uploadInMilliseconds: String(1000 * Math.max(...made)),
    downloadInMilliseconds: String(1000 * DOWNLOAD_EXPIRES_IN_SECONDS),
  });
});
