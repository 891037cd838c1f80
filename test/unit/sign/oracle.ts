import { S3Client } from '@aws-sdk/client-s3';
import type { SigningCredentials } from '@sluice/connection/sign/credentials';
import type { BucketAddress } from '@sluice/connection/sign/presign-url';

/** AWS's own client for an address: what its presigners answer is what ours must. */
export function createClient(
  { region, endpoint, forcePathStyle }: BucketAddress,
  credentials: SigningCredentials,
) {
  return new S3Client({
    region,
    // A copy, for the SDK writes into what it is given.
    credentials: { ...credentials },
    requestChecksumCalculation: 'WHEN_REQUIRED',
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(forcePathStyle === undefined ? {} : { forcePathStyle }),
  });
}

/** The order of the query is free in a URL and fixed in its signature. */
export function sortQuery(url: string): string {
  const [base, query = ''] = url.split('?');
  return `${base}?${query.split('&').sort().join('&')}`;
}

/** What the SDK adds beyond the signature (`x-id` and the like): ours signs only what it is asked to. */
export function queryBeyondSignature(url: string): Record<string, string> {
  const query = Object.fromEntries(new URL(url).searchParams);
  for (const name of [
    'Algorithm',
    'Credential',
    'Date',
    'Expires',
    'Security-Token',
    'Signature',
    'SignedHeaders',
  ]) {
    delete query[`X-Amz-${name}`];
  }
  return query;
}
