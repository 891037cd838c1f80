import { flatten } from './encode.ts';

/** Where a bucket lives. Everything a signature needs to know of it. */
export type BucketAddress = {
  readonly region: string;
  readonly bucket: string;
  /** Another S3 than the region's own, e.g. `http://127.0.0.1:4566`. A path is kept as a prefix. */
  readonly endpoint?: string;
  /** Puts the bucket in the path rather than in the host name. IP endpoints and dotted names always do. */
  readonly forcePathStyle?: boolean;
  /**
   * The service that a signature is for, which for access points of Object Lambda and for directory buckets
   * is another.
   */
  readonly service?: 's3' | 's3-object-lambda' | 's3express';
  /**
   * The parameter that the token of temporary keys is sent in; that of a session with a directory bucket has
   * its own.
   */
  readonly tokenName?: 'X-Amz-Security-Token' | 'X-Amz-S3session-Token';
};

/** A bucket's root as it appears in URLs and in signatures. */
export type BucketRoot = {
  /** `https://bucket.s3.eu-west-1.amazonaws.com`, without a slash at the end. */
  readonly origin: string;
  /** The `Host` header a client sends to `origin`: with the port, unless it is the scheme's own. */
  readonly host: string;
  /** What comes before the key in the path: ends in a slash. */
  readonly path: string;
};

const BUCKET = /^[A-Za-z0-9][A-Za-z0-9._-]{2,254}$/;
/**
 * A dot is legal in a bucket name but breaks the TLS wildcard certificate: all others are addressed by path
 * style.
 */
export const HOST_SAFE_BUCKET = /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/;
const REGION = /^[a-z]{2,}(?:-[a-z0-9]+)+$/;
const LABEL = /^[a-z0-9](?:-?[a-z0-9])*$/;

// What the URL parser leaves of an IPv4 or IPv6 literal; `node:net` is not worth loading for it.
const ADDRESS_LITERAL = /^(?:\d+\.){3}\d+$|^\[/;

/** DNS suffixes of the partitions other than `aws`, by the start of their region names. */
const SUFFIXES: readonly (readonly [prefix: string, suffix: string])[] = [
  ['cn-', 'amazonaws.com.cn'],
  ['eusc-', 'amazonaws.eu'],
  ['us-iso-', 'c2s.ic.gov'],
  ['us-isob-', 'sc2s.sgov.gov'],
  ['us-isof-', 'csp.hci.ic.gov'],
  ['eu-isoe-', 'cloud.adc-e.uk'],
];

/**
 * Resolves an address to the bucket's root URL, by the same rules as AWS's SDKs: virtual-hosted style where
 * the name allows it, path style for IP addresses, dotted names and `forcePathStyle`.
 *
 * Throws when the region, the bucket name or the endpoint cannot be part of a URL as it is. ARNs of access
 * points have been resolved before (`access/special-bucket.ts`).
 */
export function toBucketRoot({ region, bucket, endpoint, forcePathStyle }: BucketAddress): BucketRoot {
  // Other stores call their regions as they like, and their host does not depend on it.
  if (!(endpoint === undefined ? REGION : LABEL).test(region))
    throw new RangeError(`not a region name: "${region}"`);
  if (!BUCKET.test(bucket)) throw new RangeError(`not a bucket name: "${bucket}"`);
  const url = parseEndpoint(endpoint ?? `https://s3.${region}.${toSuffix(region)}`);
  const prefix = url.pathname.endsWith('/') ? url.pathname : `${url.pathname}/`;
  const isPathStyle =
    forcePathStyle === true || ADDRESS_LITERAL.test(url.hostname) || !HOST_SAFE_BUCKET.test(bucket);
  if (isPathStyle) return { origin: url.origin, host: url.host, path: flatten(`${prefix}${bucket}/`) };
  const host = `${bucket}.${url.host}`;
  return { origin: flatten(`${url.protocol}//${host}`), host, path: prefix };
}

/** The DNS suffix of a region's partition. */
export function toSuffix(region: string): string {
  return SUFFIXES.find(([prefix]) => region.startsWith(prefix))?.[1] ?? 'amazonaws.com';
}

function parseEndpoint(endpoint: string): URL {
  const url = URL.parse(endpoint);
  const isUsable =
    url !== null &&
    (url.protocol === 'https:' || url.protocol === 'http:') &&
    url.username === '' &&
    url.password === '' &&
    url.search === '' &&
    url.hash === '';
  // The text itself is not shown: an endpoint may carry a password.
  if (!isUsable)
    throw new RangeError('an S3 endpoint must be an http or https URL of host, port and path only');
  return url;
}
