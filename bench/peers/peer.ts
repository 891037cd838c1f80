/** Another signer, used as its documentation says and with its own caches on. Resolves to a presigned URL. */
export type Peer = (request: PeerRequest) => string | Promise<string>;

export type CreatePeer = (region: string, bucket: string, credentials: PeerCredentials) => Peer;

export type PeerRequest = {
  readonly method: 'GET' | 'PUT';
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
};

export type PeerCredentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
};

export const EXPIRES_IN_SECONDS = 3600;

export function toHost(region: string, bucket: string): string {
  return `${bucket}.s3.${region}.amazonaws.com`;
}
