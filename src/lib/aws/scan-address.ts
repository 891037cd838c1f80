import { toBucketAddress } from '@sluice/connection/access/bucket-address';
import { createPresigner } from '@sluice/connection/sign/presign-url';
import type { SignScan } from '../scan/ask.ts';
import type { Stores } from './stores.ts';

/** Signs a GET of one version of an object, for a scanner that has no credentials. */
export function createSignScan({ publicSettings, keys }: Stores): SignScan {
  const { region } = publicSettings.values;
  if (region === undefined) throw new Error('not set in the environment: AWS_REGION');
  return async ({ bucket, key, versionId }, expiresInSeconds, signedAt) => {
    await keys.ready();
    const { presignUrl } = createPresigner(toBucketAddress(publicSettings, region, bucket));
    return presignUrl(keys.current(), {
      method: 'GET',
      key,
      ...(versionId !== undefined && { query: { versionId } }),
      expiresInSeconds,
      signedAt,
    });
  };
}
