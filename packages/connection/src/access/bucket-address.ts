import { endpointOf, usesPathStyle } from '../endpoint.ts';
import { SettingError } from '../errors/settings.ts';
import { describe } from '../settings/resolve.ts';
import type { Settings } from '../settings/values.ts';
import { type BucketAddress, HOST_SAFE_BUCKET, toSuffix } from '../sign/address.ts';

/**
 * Where a URL for a bucket leads: to the host that the client of the same settings asks (acceleration, dual
 * stack, FIPS). Throws `SettingError` for the combinations that S3 does not have.
 */
export function toBucketAddress(settings: Settings, region: string, bucket: string): BucketAddress {
  const { useAccelerateEndpoint, useDualstackEndpoint, useFipsEndpoint } = settings.values;
  const endpoint = endpointOf(settings, 's3');
  const forcePathStyle = usesPathStyle(settings, endpoint);
  const isPathStyle = forcePathStyle || !HOST_SAFE_BUCKET.test(bucket);
  const isInChina = region.startsWith('cn-');

  refuse(settings, 'useAccelerateEndpoint', {
    'an endpoint': endpoint !== undefined,
    FIPS: useFipsEndpoint,
    'path style': isPathStyle,
    'a region of China': isInChina,
  });
  refuse(settings, 'useFipsEndpoint', {
    'an endpoint': endpoint !== undefined,
    'a region of China': isInChina,
  });
  refuse(settings, 'useDualstackEndpoint', { 'an endpoint': endpoint !== undefined });

  const address = { region, bucket, forcePathStyle };
  if (endpoint !== undefined) return { ...address, endpoint };
  if (!useAccelerateEndpoint && !useDualstackEndpoint && !useFipsEndpoint) return address;
  const host = [
    useAccelerateEndpoint ? 's3-accelerate' : useFipsEndpoint ? 's3-fips' : 's3',
    ...(useDualstackEndpoint ? ['dualstack'] : []),
    // Accelerated calls go to the nearest edge, whatever the region.
    ...(useAccelerateEndpoint ? [] : [region]),
    toSuffix(region),
  ];
  return { ...address, endpoint: `https://${host.join('.')}` };
}

function refuse(
  { values, sources }: Settings,
  setting: 'useAccelerateEndpoint' | 'useDualstackEndpoint' | 'useFipsEndpoint',
  excluded: Readonly<Record<string, boolean>>,
): void {
  if (!values[setting]) return;
  const [reason] = Object.entries(excluded).find(([, isSo]) => isSo) ?? [];
  if (reason === undefined) return;
  const allowed = `false with ${reason}`;
  throw new SettingError({ setting, value: 'true', source: describe(sources[setting]), allowed });
}
