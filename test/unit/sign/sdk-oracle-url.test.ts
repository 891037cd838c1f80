// Ours against AWS's own presigner: whatever the arguments, the same URL.
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { createPresigner } from '@sluice/connection/sign/presign-url';
import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addresses, credentialSets, keys, lifetimes, printable, signingTimes } from './arbitraries.ts';
import { createClient, queryBeyondSignature, sortQuery } from './oracle.ts';

/**
 * Headers of an upload. The names of metadata begin with one another, for their order is easily got wrong.
 */
const uploads = fc.record({
  headers: fc.record(
    {
      'content-length': fc.nat().map(String),
      'content-type': fc.constantFrom('image/png', 'text/plain; charset=utf-8', 'application/octet-stream'),
      'if-none-match': fc.constant('*'),
      'x-amz-checksum-sha256': fc
        .uint8Array({ minLength: 32, maxLength: 32 })
        .map((bytes) => Buffer.from(bytes).toString('base64')),
    },
    { requiredKeys: [] },
  ),
  metadata: fc.dictionary(fc.stringMatching(/^[ab1_-]{1,4}$/), printable, { maxKeys: 6 }),
});

type Upload = typeof uploads extends fc.Arbitrary<infer T> ? T : never;

function toPutInput(bucket: string, key: string, { headers, metadata }: Upload) {
  const length = headers['content-length'];
  return {
    Bucket: bucket,
    Key: key,
    ContentLength: length === undefined ? undefined : Number(length),
    ContentType: headers['content-type'],
    IfNoneMatch: headers['if-none-match'],
    ChecksumSHA256: headers['x-amz-checksum-sha256'],
    Metadata: metadata,
  };
}

function toHeaders({ headers, metadata }: Upload): Record<string, string> {
  return {
    ...headers,
    ...Object.fromEntries(Object.entries(metadata).map(([name, value]) => [`x-amz-meta-${name}`, value])),
  };
}

const parameterNames = fc.oneof(
  fc.constantFrom('partNumber', 'uploadId', 'versionId', 'response-content-type', 'x-id'),
  // Short names of few characters, so that one begins with another; some come before "X-Amz-" and need
  // sorting.
  fc.string({ unit: fc.constantFrom(...'aAzX-._~ +/%=&ä'), minLength: 1, maxLength: 3 }),
);
const text = fc.string({ unit: 'grapheme', maxLength: 20 });

type ObjectInput = { Bucket: string; Key: string; VersionId: string | undefined };

describe('presignUrl', () => {
  test('equals getSignedUrl for any PUT, its headers all signed', async () => {
    await fc.assert(
      fc.asyncProperty(
        addresses,
        credentialSets,
        keys,
        uploads,
        lifetimes,
        signingTimes,
        async (address, credentials, key, upload, expiresInSeconds, signedAt) => {
          const headers = toHeaders(upload);
          const signed = new Set(['host', ...Object.keys(headers)]);
          const theirs = await getSignedUrl(
            createClient(address, credentials),
            new PutObjectCommand(toPutInput(address.bucket, key, upload)),
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

  test.each([
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

  test('equals getSignedUrl when the answer is to be a download by any name', async () => {
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

describe('the query', () => {
  test("equals that of the SDK's signer, whatever the names and values in it", async () => {
    await fc.assert(
      fc.asyncProperty(
        credentialSets,
        keys,
        fc.dictionary(parameterNames, text),
        async (credentials, key, query) => {
          const signed = { ...query, 'X-Amz-Content-Sha256': 'UNSIGNED-PAYLOAD' };
          const ours = createPresigner({ region: 'eu-central-1', bucket: 'uploads' }).presignUrl(
            credentials,
            {
              method: 'GET',
              key,
              query: signed,
              expiresInSeconds: 60,
              signedAt: new Date(0),
            },
          );
          const { host, pathname, searchParams } = new URL(ours.url);
          const signer = new SignatureV4({
            service: 's3',
            region: 'eu-central-1',
            credentials: { ...credentials },
            sha256: Sha256,
            uriEscapePath: false,
            applyChecksum: false,
          });

          const theirs = await signer.presign(
            {
              method: 'GET',
              protocol: 'https:',
              hostname: host,
              path: pathname,
              query: { ...query },
              headers: { host, 'X-Amz-Content-Sha256': 'UNSIGNED-PAYLOAD' },
            },
            { expiresIn: 60, signingDate: new Date(0) },
          );

          expect(Object.fromEntries(searchParams)).toEqual(theirs.query);
        },
      ),
      { numRuns: 300 },
    );
  });
});
