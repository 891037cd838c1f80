import { GetObjectCommand, PutObjectCommand, S3Client, UploadPartCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { type CreatePeer, EXPIRES_IN_SECONDS } from './peer.ts';

export const createSdk: CreatePeer = (region, bucket, credentials) => {
  const client = new S3Client({
    region,
    credentials: { ...credentials },
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  return ({ method, key, headers, query }) => {
    const signableHeaders = new Set(['host', ...Object.keys(headers)]);
    const options = { expiresIn: EXPIRES_IN_SECONDS, signableHeaders };
    const object = { Bucket: bucket, Key: key };
    if (method === 'GET') return getSignedUrl(client, new GetObjectCommand(object), options);
    const ContentLength = Number(headers['content-length']);
    if (query.uploadId !== undefined) {
      const part = { UploadId: query.uploadId, PartNumber: Number(query.partNumber) };
      return getSignedUrl(client, new UploadPartCommand({ ...object, ...part, ContentLength }), options);
    }
    const upload = { ContentType: headers['content-type'], IfNoneMatch: headers['if-none-match'] };
    return getSignedUrl(client, new PutObjectCommand({ ...object, ...upload, ContentLength }), options);
  };
};
