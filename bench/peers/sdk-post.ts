import { S3Client } from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { EXPIRES_IN_SECONDS, type PeerCredentials } from './peer.ts';

/** The SDK's form signer, for a file of one type and exactly one length. */
export function createSdkPost(region: string, bucket: string, credentials: PeerCredentials) {
  const client = new S3Client({ region, credentials: { ...credentials } });
  return (key: string, contentType: string, length: number) =>
    createPresignedPost(client, {
      Bucket: bucket,
      Key: key,
      Conditions: [['content-length-range', length, length]],
      Fields: { 'Content-Type': contentType },
      Expires: EXPIRES_IN_SECONDS,
    });
}
