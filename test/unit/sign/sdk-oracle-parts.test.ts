// Ours against AWS's own presigner: whatever the part, the same URL.
import { UploadPartCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { createPartsPresigner, toPartUrls } from '@sluice/connection/sign/presign-parts';
import { createPresigner } from '@sluice/connection/sign/presign-url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addresses, credentialSets, keys, printable } from './arbitraries.ts';
import { createClient, queryBeyondSignature, sortQuery } from './oracle.ts';

describe('presignParts', () => {
  test('equals getSignedUrl for any part, apart from what the SDK adds of its own', async () => {
    await fc.assert(
      fc.asyncProperty(
        addresses,
        credentialSets,
        keys,
        printable.filter((id) => id.trim() !== ''),
        fc.integer({ min: 1, max: 10_000 }),
        fc.nat(),
        async (address, credentials, key, uploadId, partNumber, contentLength) => {
          const signedAt = new Date(1_800_000_000_000);
          const theirs = await getSignedUrl(
            createClient(address, credentials),
            new UploadPartCommand({
              Bucket: address.bucket,
              Key: key,
              UploadId: uploadId,
              PartNumber: partNumber,
              ContentLength: contentLength,
            }),
            { expiresIn: 900, signingDate: signedAt },
          );
          const parts = [{ partNumber, contentLength }];
          const signed = createPartsPresigner(address).presignParts(credentials, {
            key,
            uploadId,
            parts,
            expiresInSeconds: 900,
            signedAt,
          });
          const request = { method: 'PUT', key, expiresInSeconds: 900, signedAt } as const;
          const single = createPresigner(address).presignUrl(credentials, {
            ...request,
            headers: { 'content-length': String(contentLength) },
            query: queryBeyondSignature(theirs),
          });
          const bare = createPresigner(address).presignUrl(credentials, {
            ...request,
            headers: { 'content-length': String(contentLength) },
            query: { partNumber: String(partNumber), uploadId },
          });

          // The SDK's URL equals a single one of ours; leave out its additions and that one equals the bulk
          // one.
          expect(sortQuery(single.url)).toBe(sortQuery(theirs));
          expect(toPartUrls(signed, parts).map(sortQuery)).toEqual([sortQuery(bare.url)]);
        },
      ),
      { numRuns: 100 },
    );
  });
});
