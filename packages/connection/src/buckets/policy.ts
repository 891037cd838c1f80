import { ParamValidationError } from '../errors/settings.ts';

/** One statement of a bucket policy. */
export type Statement = {
  readonly Sid: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal: '*' | { readonly AWS: readonly string[] };
  readonly Action: string | readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
};

/** How S3's ARNs name a bucket of a region. */
export function bucketArn(bucket: string, region = ''): string {
  const [, partition = 'aws'] = PARTITIONS.find(([prefix]) => region.startsWith(prefix)) ?? [];
  return `arn:${partition}:s3:::${bucket}`;
}

const PARTITIONS = [
  ['cn-', 'aws-cn'],
  ['us-gov-', 'aws-us-gov'],
  ['us-isob-', 'aws-iso-b'],
  ['us-isof-', 'aws-iso-f'],
  ['eu-isoe-', 'aws-iso-e'],
  ['eusc-', 'aws-eusc'],
  ['us-iso-', 'aws-iso'],
] as const;

/** Denies every call that does not come by TLS, to everybody. The region tells the partition of AWS. */
export function tlsOnly(bucket: string, region?: string): Statement {
  const arn = bucketArn(bucket, region);
  return {
    Sid: 'TlsOnly',
    Effect: 'Deny',
    Principal: '*',
    Action: 's3:*',
    Resource: [arn, `${arn}/*`],
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  };
}

/** Who may do what below a prefix. */
export type Permission = {
  readonly bucket: string;
  /** ARNs of roles, users or accounts. */
  readonly principals: readonly string[];
  /** Default: the whole bucket. */
  readonly prefix?: string;
  /** The bucket's; only its partition of AWS matters. */
  readonly region?: string;
};

/** Lets others read objects below a prefix, and list them: without that S3 answers 403 for a missing key. */
export function allowRead(permission: Permission): Statement[] {
  const { bucket, prefix = '', region } = permission;
  return [
    allow('Read', permission, ['s3:GetObject', 's3:GetObjectVersion']),
    {
      Sid: 'List',
      Effect: 'Allow',
      Principal: { AWS: named(permission) },
      Action: 's3:ListBucket',
      Resource: [bucketArn(bucket, region)],
      ...(prefix !== '' && { Condition: { StringLike: { 's3:prefix': `${prefix}*` } } }),
    },
  ];
}

/** Lets others write objects below a prefix, in parts too, and neither read nor delete them. */
export function allowWrite(permission: Permission): Statement[] {
  return [
    allow('Write', permission, ['s3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts']),
  ];
}

/** The policy as text, for `PutBucketPolicy`. */
export function toPolicy(statements: readonly Statement[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements });
}

function allow(Sid: string, permission: Permission, Action: readonly string[]): Statement {
  const { bucket, prefix = '', region } = permission;
  return {
    Sid,
    Effect: 'Allow',
    Principal: { AWS: named(permission) },
    Action,
    Resource: [`${bucketArn(bucket, region)}/${prefix}*`],
  };
}

/** No helper here opens a bucket to everybody: what must be public is handed out by presigned URL. */
function named({ principals }: Permission): readonly string[] {
  if (principals.length === 0 || principals.some((principal) => principal.includes('*'))) {
    throw new ParamValidationError({ message: 'principals must be ARNs, at least one and none with *' });
  }
  return principals;
}
