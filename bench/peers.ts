// Other signers, each used as its documentation says and with its own caches on, behind one signature.
import { GetObjectCommand, PutObjectCommand, S3Client, UploadPartCommand } from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { SignatureV4 } from '@smithy/signature-v4';
import aws4 from 'aws4';
import { AwsV4Signer } from 'aws4fetch';
import { S3mini } from 's3mini';

export type PeerCredentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
};

export type PeerRequest = {
  readonly method: 'GET' | 'PUT';
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
};

/** Resolves to a presigned URL. */
export type Peer = (request: PeerRequest) => string | Promise<string>;

export const EXPIRES_IN_SECONDS = 900;

export const createSdkPeers = (region: string, bucket: string, credentials: PeerCredentials) => {
  const client = new S3Client({
    region,
    credentials: { ...credentials },
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  const toCommand = ({ method, key, headers, query }: PeerRequest) => {
    const object = { Bucket: bucket, Key: key };
    if (method === 'GET') return new GetObjectCommand(object);
    const ContentLength = Number(headers['content-length']);
    if (query.uploadId !== undefined) {
      const part = { UploadId: query.uploadId, PartNumber: Number(query.partNumber) };
      return new UploadPartCommand({ ...object, ...part, ContentLength });
    }
    const upload = { ContentType: headers['content-type'], IfNoneMatch: headers['if-none-match'] };
    return new PutObjectCommand({ ...object, ...upload, ContentLength });
  };
  const sdk = (request: PeerRequest): Promise<string> => {
    const signableHeaders = new Set(['host', ...Object.keys(request.headers)]);
    return getSignedUrl(client, toCommand(request), { expiresIn: EXPIRES_IN_SECONDS, signableHeaders });
  };
  const sdkPost = (key: string, contentType: string, length: number) =>
    createPresignedPost(client, {
      Bucket: bucket,
      Key: key,
      Conditions: [['content-length-range', length, length]],
      Fields: { 'Content-Type': contentType },
      Expires: EXPIRES_IN_SECONDS,
    });
  return { sdk, sdkPost, sha256: client.config.sha256 };
};

export const createPeers = (region: string, bucket: string, credentials: PeerCredentials) => {
  const host = `${bucket}.s3.${region}.amazonaws.com`;
  const { sdk, sha256 } = createSdkPeers(region, bucket, credentials);
  const copy = { ...credentials };

  const smithySigner = new SignatureV4({
    service: 's3',
    region,
    credentials: copy,
    sha256,
    uriEscapePath: false,
    applyChecksum: false,
  });
  const smithy: Peer = async ({ method, key, headers, query }) => {
    const request = {
      method,
      protocol: 'https:',
      hostname: host,
      path: `/${key}`,
      query: { ...query },
      headers: { ...headers, host, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
    };
    const signed = await smithySigner.presign(request, { expiresIn: EXPIRES_IN_SECONDS });
    const pairs = Object.entries(signed.query ?? {});
    return `https://${host}/${key}?${pairs.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join('&')}`;
  };

  const aws4Peer: Peer = ({ method, key, headers, query }) => {
    const search = new URLSearchParams({ ...query, 'X-Amz-Expires': String(EXPIRES_IN_SECONDS) });
    const request = {
      service: 's3',
      region,
      host,
      method,
      path: `/${key}?${search}`,
      headers: { ...headers },
      signQuery: true,
    };
    return `https://${host}${aws4.sign(request, copy).path}`;
  };

  const cache = new Map<string, ArrayBuffer>();
  const aws4fetch: Peer = async ({ method, key, headers, query }) => {
    const search = new URLSearchParams({ ...query, 'X-Amz-Expires': String(EXPIRES_IN_SECONDS) });
    const url = `https://${host}/${key}?${search}`;
    const signer = new AwsV4Signer({
      ...copy,
      method,
      url,
      headers,
      service: 's3',
      region,
      cache,
      signQuery: true,
      allHeaders: true,
    });
    return String((await signer.sign()).url);
  };

  const s3 = new S3mini({ ...copy, endpoint: `https://${host}`, region });
  const s3mini: Peer = ({ method, key, headers, query }) =>
    s3.getPresignedUrl(method, key, EXPIRES_IN_SECONDS, query, headers);

  return { sdk, smithy, aws4: aws4Peer, aws4fetch, s3mini } satisfies Record<string, Peer>;
};
