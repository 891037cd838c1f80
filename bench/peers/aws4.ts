import aws4 from 'aws4';
import { type CreatePeer, EXPIRES_IN_SECONDS, toHost } from './peer.ts';

export const createAws4: CreatePeer = (region, bucket, credentials) => {
  const host = toHost(region, bucket);
  const by = { ...credentials };
  return ({ method, key, headers, query }) => {
    const search = new URLSearchParams({ ...query, 'X-Amz-Expires': String(EXPIRES_IN_SECONDS) });
    const path = `/${key}?${search}`;
    const request = { service: 's3', region, host, method, path, headers: { ...headers }, signQuery: true };
    return `https://${host}${aws4.sign(request, by).path}`;
  };
};
