import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import { type CreatePeer, EXPIRES_IN_SECONDS, toHost } from './peer.ts';

export const createSmithy: CreatePeer = (region, bucket, credentials) => {
  const host = toHost(region, bucket);
  const signer = new SignatureV4({
    service: 's3',
    region,
    credentials: { ...credentials },
    sha256: Sha256,
    uriEscapePath: false,
    applyChecksum: false,
  });
  return async ({ method, key, headers, query }) => {
    const request = {
      method,
      protocol: 'https:',
      hostname: host,
      path: `/${key}`,
      query: { ...query },
      headers: { ...headers, host, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
    };
    const signed = await signer.presign(request, { expiresIn: EXPIRES_IN_SECONDS });
    const pairs = Object.entries(signed.query ?? {});
    const search = pairs.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join('&');
    return `https://${host}/${key}?${search}`;
  };
};
