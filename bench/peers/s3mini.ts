import { S3mini } from 's3mini';
import { type CreatePeer, EXPIRES_IN_SECONDS, toHost } from './peer.ts';

export const createS3mini: CreatePeer = (region, bucket, credentials) => {
  const s3 = new S3mini({ ...credentials, endpoint: `https://${toHost(region, bucket)}`, region });
  return ({ method, key, headers, query }) =>
    s3.getPresignedUrl(method, key, EXPIRES_IN_SECONDS, query, headers);
};
