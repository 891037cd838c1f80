import { AwsV4Signer } from 'aws4fetch';
import { type CreatePeer, EXPIRES_IN_SECONDS, toHost } from './peer.ts';

export const createAws4Fetch: CreatePeer = (region, bucket, credentials) => {
  const host = toHost(region, bucket);
  const cache = new Map<string, ArrayBuffer>();
  const options = { ...credentials, service: 's3', region, cache, signQuery: true, allHeaders: true };
  return async ({ method, key, headers, query }) => {
    const search = new URLSearchParams({ ...query, 'X-Amz-Expires': String(EXPIRES_IN_SECONDS) });
    const signer = new AwsV4Signer({ ...options, method, headers, url: `https://${host}/${key}?${search}` });
    return String((await signer.sign()).url);
  };
};
