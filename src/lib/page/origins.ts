import { toBucketAddress } from '@sluice/connection/access/bucket-address';
import type { Settings } from '@sluice/connection/settings/values';
import { toBucketRoot } from '@sluice/connection/sign/address';

/**
 * The origin of a bucket's presigned URLs. It follows the signer's rules, so that the page may reach what
 * another function signs: AWS's own address, or the one endpoint of a local stack.
 */
export function toBucketOrigin(settings: Settings, bucket: string): string {
  const { region } = settings.values;
  if (region === undefined) throw new Error('not set in the environment: AWS_REGION');
  return toBucketRoot(toBucketAddress(settings, region, bucket)).origin;
}
