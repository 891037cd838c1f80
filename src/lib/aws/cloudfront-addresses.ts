import { type CloudFrontSigner, createCloudFrontSigner } from '@sluice/connection/sign/cloudfront';
import { encodeComponent } from '@sluice/connection/sign/encode';
import { createHeld, type HeldDeps } from '../held.ts';
import type { DownloadSigner } from '../upload/address.ts';
import { toAnswerQuery } from './answer-query.ts';

type CloudFrontDeps = Omit<HeldDeps<unknown>, 'fetch'> & {
  /** of the distribution before the store, without a slash at its end */
  readonly origin: string;
  /** `keyId` and `privateKey` of a key of its trusted group */
  readonly read: () => Promise<Readonly<Record<string, unknown>>>;
};

/**
 * Signs addresses of stored objects at CloudFront. The key is fetched by the first call and kept for five
 * minutes, so that a new one has its effect without a deployment. Make it once, at module scope.
 */
export function createCloudFrontAddresses(deps: CloudFrontDeps): DownloadSigner {
  const { origin, read, now, onFailure } = deps;
  const held = createHeld({ fetch: async () => toSigner(await read()), now, onFailure });
  return async ({ key, expiresInSeconds, signedAt, answer }) => {
    const { signUrl } = await held.get();
    // CloudFront counts in whole seconds.
    const expiresAt = new Date((Math.floor(signedAt.getTime() / 1000) + expiresInSeconds) * 1000);
    const query = Object.entries(answer ? toAnswerQuery(answer) : {})
      .map(([name, value]) => `${name}=${encodeComponent(value)}`)
      .join('&');
    // A key needs no encoding (key.ts). One signature is good for GET and HEAD.
    return { url: signUrl(`${origin}/${key}${query && `?${query}`}`, expiresAt), expiresAt };
  };
}

function toSigner({ keyId, privateKey }: Readonly<Record<string, unknown>>): CloudFrontSigner {
  if (typeof keyId !== 'string' || typeof privateKey !== 'string') {
    throw new Error('the secret of CloudFront’s key has no keyId and privateKey that are texts');
  }
  return createCloudFrontSigner({ keyId, privateKey });
}
