// Ours against AWS's own form signer: whatever the arguments, the same form.
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { createPostPresigner } from '@sluice/connection/sign/presign-post';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addresses, credentialSets, keys, lifetimes } from './arbitraries.ts';
import { createClient } from './oracle.ts';

describe('presignPost', () => {
  test('equals createPresignedPost field by field, policy and signature included', async () => {
    await fc.assert(
      fc.asyncProperty(
        addresses,
        credentialSets,
        keys,
        fc.constantFrom('image/png', 'text/plain; charset=utf-8'),
        fc.dictionary(
          fc.stringMatching(/^x-amz-meta-[a-z0-9]{1,12}$/),
          keys.filter((value) => !value.includes('${')),
          { maxKeys: 4 },
        ),
        lifetimes,
        async (address, credentials, key, contentType, metadata, expiresInSeconds) => {
          fc.pre(!key.includes('${'));
          const theirs = await createPresignedPost(createClient(address, credentials), {
            Bucket: address.bucket,
            Key: key,
            Conditions: [['content-length-range', 1, 5_000_000]],
            Fields: { 'Content-Type': contentType, ...metadata },
            Expires: expiresInSeconds,
          });

          const ours = createPostPresigner(address).presignPost(credentials, {
            key,
            contentType,
            contentLengthRange: { min: 1, max: 5_000_000 },
            fields: metadata,
            expiresInSeconds,
            // The SDK takes no time of signing, but says which it took.
            signedAt: toDate(theirs.fields['X-Amz-Date'] ?? ''),
          });

          expect(ours.fields).toEqual(theirs.fields);
          expect(ours.url).toBe(theirs.url.replace(/\/?$/, '/'));
        },
      ),
      { numRuns: 100 },
    );
  });
});

function toDate(stamp: string): Date {
  return new Date(stamp.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}
