// Ours against AWS's own presigner: whatever the arguments, the same URL.
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPartsPresigner, toPartUrls } from '../../../src/lib/sign/presign-parts.ts';
import { createPresigner } from '../../../src/lib/sign/presign-url.ts';
import { addresses, credentialSets, keys, lifetimes, printable, signingTimes } from './arbitraries.ts';
import { createClient, queryBeyondSignature, sortQuery } from './oracle.ts';

const uploadHeaders = fc.record(
  {
    'content-length': fc.nat().map(String),
    'content-type': fc.constantFrom('image/png', 'text/plain; charset=utf-8', 'application/octet-stream'),
    'if-none-match': fc.constant('*'),
    'x-amz-checksum-sha256': fc
      .uint8Array({ minLength: 32, maxLength: 32 })
      .map((bytes) => Buffer.from(bytes).toString('base64')),
    'x-amz-meta-note': printable,
    'x-amz-meta-b_2': printable,
  },
  { requiredKeys: [] },
);

type UploadHeaders = typeof uploadHeaders extends fc.Arbitrary<infer T> ? T : never;

const toPutInput = (bucket: string, key: string, headers: UploadHeaders) => {
  const { 'x-amz-meta-note': note, 'x-amz-meta-b_2': other } = headers;
  const length = headers['content-length'];
  return {
    Bucket: bucket,
    Key: key,
    ContentLength: length === undefined ? undefined : Number(length),
    ContentType: headers['content-type'],
    IfNoneMatch: headers['if-none-match'],
    ChecksumSHA256: headers['x-amz-checksum-sha256'],
    Metadata: { ...(note === undefined ? {} : { note }), ...(other === undefined ? {} : { b_2: other }) },
  };
};

type ObjectInput = { Bucket: string; Key: string; VersionId: string | undefined };

describe('presignUrl', () => {
  it('equals getSignedUrl for any PUT, its headers all signed', async () => {
    await fc.assert(
      fc.asyncProperty(
        addresses,
        credentialSets,
        keys,
        uploadHeaders,
        lifetimes,
        signingTimes,
        async (address, credentials, key, headers, expiresInSeconds, signedAt) => {
          const signed = new Set(['host', ...Object.keys(headers)]);
          const theirs = await getSignedUrl(
            createClient(address, credentials),
            new PutObjectCommand(toPutInput(address.bucket, key, headers)),
            {
              expiresIn: expiresInSeconds,
              signingDate: signedAt,
              signableHeaders: signed,
              unhoistableHeaders: signed,
            },
          );

          const ours = createPresigner(address).presignUrl(credentials, {
            method: 'PUT',
            key,
            headers,
            query: queryBeyondSignature(theirs),
            expiresInSeconds,
            signedAt,
          });

          expect(sortQuery(ours.url)).toBe(sortQuery(theirs));
          expect(ours.headers).toEqual(headers);
        },
      ),
      { numRuns: 200 },
    );
  });

  it.each([
    ['GET', (input: ObjectInput) => new GetObjectCommand(input)],
    ['HEAD', (input: ObjectInput) => new HeadObjectCommand(input)],
    ['DELETE', (input: ObjectInput) => new DeleteObjectCommand(input)],
  ] as const)('equals getSignedUrl for any %s', async (method, toCommand) => {
    await fc.assert(
      fc.asyncProperty(
        addresses,
        credentialSets,
        keys,
        fc.option(printable, { nil: undefined }),
        lifetimes,
        signingTimes,
        async (address, credentials, key, versionId, expiresInSeconds, signedAt) => {
          const theirs = await getSignedUrl(
            createClient(address, credentials),
            toCommand({ Bucket: address.bucket, Key: key, VersionId: versionId }),
            { expiresIn: expiresInSeconds, signingDate: signedAt },
          );

          const ours = createPresigner(address).presignUrl(credentials, {
            method,
            key,
            query: queryBeyondSignature(theirs),
            expiresInSeconds,
            signedAt,
          });

          expect(sortQuery(ours.url)).toBe(sortQuery(theirs));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('equals getSignedUrl when the answer is to be a download by any name', async () => {
    await fc.assert(
      fc.asyncProperty(
        addresses,
        credentialSets,
        keys,
        keys,
        async (address, credentials, key, disposition) => {
          const theirs = await getSignedUrl(
            createClient(address, credentials),
            new GetObjectCommand({
              Bucket: address.bucket,
              Key: key,
              ResponseContentDisposition: disposition,
              ResponseContentType: 'application/octet-stream',
            }),
            { expiresIn: 60, signingDate: new Date(0) },
          );

          const ours = createPresigner(address).presignUrl(credentials, {
            method: 'GET',
            key,
            query: queryBeyondSignature(theirs),
            expiresInSeconds: 60,
            signedAt: new Date(0),
          });

          expect(sortQuery(ours.url)).toBe(sortQuery(theirs));
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('presignParts', () => {
  it('equals getSignedUrl for any part, apart from what the SDK adds of its own', async () => {
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

          // The SDK's URL equals a single one of ours; leave out its additions and that one equals the bulk one.
          expect(sortQuery(single.url)).toBe(sortQuery(theirs));
          expect(toPartUrls(signed, parts).map(sortQuery)).toEqual([sortQuery(bare.url)]);
        },
      ),
      { numRuns: 100 },
    );
  });
});
