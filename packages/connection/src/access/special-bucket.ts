import { endpointOf, usesPathStyle } from '../endpoint.ts';
import { SettingError } from '../errors/settings.ts';
import { describe } from '../settings/resolve.ts';
import type { SettingName, Settings } from '../settings/values.ts';
import { type BucketAddress, toSuffix } from '../sign/address.ts';
import { toBucketAddress } from './bucket-address.ts';

/** `name--euw1-az1--x-s3`, and an access point of such a bucket, `…--xa-s3`. */
const DIRECTORY = /^[a-z0-9][a-z0-9-]*--([a-z0-9-]+)--xa?-s3$/;

/** The ARN of an access point, of S3 itself or of Object Lambda; it may be divided by colons alone. */
const ACCESS_POINT =
  /^arn:(aws[\w-]*):(s3|s3-object-lambda):([a-z0-9-]+):(\d{12}):accesspoint[:/]([a-z0-9][a-z0-9-]{1,49})$/;

/** What only Signature Version 4A can sign: many regions at once, and Outposts. */
const NEEDS_SIGV4A = /^arn:aws[\w-]*:(s3-outposts:|s3::\d{12}:accesspoint)|--op-s3$/;

/**
 * Whether a bucket is a directory bucket (S3 Express One Zone), whose calls are signed with the keys of a
 * session of its own.
 */
export function isDirectoryBucket(bucket: string): boolean {
  return DIRECTORY.test(bucket);
}

/** Whether it is the ARN of an access point. Their aliases are as good as names of buckets. */
export function isAccessPoint(bucket: string): boolean {
  return ACCESS_POINT.test(bucket);
}

/**
 * Where a URL leads for whatever may stand in place of a bucket, and how it is signed: as the client of the
 * same settings asks.
 *
 * Throws `SettingError` for settings that do not go with it, and RangeError for what this signer cannot sign.
 */
export function toAddress(settings: Settings, region: string, bucket: string): BucketAddress {
  if (NEEDS_SIGV4A.test(bucket))
    throw new RangeError(
      `"${bucket}" needs Signature Version 4A, which this signer does not have: use the SDK's presigner`,
    );
  const [, , service = '', itsRegion = '', account = '', name = ''] = ACCESS_POINT.exec(bucket) ?? [];
  if (name !== '') {
    if (itsRegion !== region && !settings.values.useArnRegion)
      refuse(settings, 'useArnRegion', `true, since the access point is in ${itsRegion}`);
    const isLambda = service === 's3-object-lambda';
    return toHost(settings, {
      bucket: `${name}-${account}`,
      region: itsRegion,
      service: isLambda ? 's3-object-lambda' : 's3',
      hosts: ({ fips, dualstack }) => `${isLambda ? service : 's3-accesspoint'}${fips}${dualstack}`,
      what: 'an access point',
      without: isLambda ? ['useAccelerateEndpoint', 'useDualstackEndpoint'] : ['useAccelerateEndpoint'],
    });
  }
  const [, zone] = DIRECTORY.exec(bucket) ?? [];
  if (zone === undefined) return toBucketAddress(settings, region, bucket);
  return toHost(settings, {
    bucket,
    region,
    service: 's3express',
    hosts: ({ fips, dualstack }) => `s3express${fips}-${zone}${dualstack}`,
    what: 'a directory bucket',
    without: ['useAccelerateEndpoint'],
  });
}

type Special = {
  readonly bucket: string;
  readonly region: string;
  readonly service: NonNullable<BucketAddress['service']>;
  /** The host up to the region. */
  readonly hosts: (flags: { readonly fips: string; readonly dualstack: string }) => string;
  /** In words, for those who have to choose other settings. */
  readonly what: string;
  /** Settings that it does not have. */
  readonly without: readonly ('useAccelerateEndpoint' | 'useDualstackEndpoint')[];
};

function toHost(
  settings: Settings,
  { bucket, region, service, hosts, what, without }: Special,
): BucketAddress {
  const { values } = settings;
  for (const setting of without) if (values[setting]) refuse(settings, setting, `false with ${what}`);
  const isInChina = region.startsWith('cn-');
  if (values.useFipsEndpoint && isInChina)
    refuse(settings, 'useFipsEndpoint', 'false with a region of China');
  const endpoint = endpointOf(settings, 's3');
  const address = { region, bucket, service };
  // A directory bucket stands in the host name whatever was asked for.
  if (service !== 's3express' && usesPathStyle(settings, endpoint))
    refuse(settings, 'addressingStyle', `virtual with ${what}`);
  if (endpoint === undefined) {
    const host = hosts({
      fips: values.useFipsEndpoint ? '-fips' : '',
      dualstack: values.useDualstackEndpoint ? '.dualstack' : '',
    });
    return { ...address, endpoint: `https://${host}.${region}.${toSuffix(region)}` };
  }
  for (const setting of ['useDualstackEndpoint', 'useFipsEndpoint'] as const)
    if (values[setting]) refuse(settings, setting, 'false with an endpoint');
  return { ...address, endpoint };
}

function refuse({ values, sources }: Settings, setting: SettingName, allowed: string): never {
  throw new SettingError({
    setting,
    value: String(values[setting]),
    source: describe(sources[setting]),
    allowed,
  });
}
