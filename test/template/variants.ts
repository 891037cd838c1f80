/** A stage to be packaged: its parameters, and the region that it is for. */
export type Variant = {
  readonly region: string;
  readonly parameters: Readonly<Record<string, string>>;
};

const ACCOUNT = '123456789012';
const REGION = 'eu-central-1';

function arn(service: string, rest: string, region: string = REGION, partition = 'aws'): string {
  return `arn:${partition}:${service}:${region}:${ACCOUNT}:${rest}`;
}

const pages = { allowedOrigins: 'https://app.example.com' };

/** What an account may ask for (docs/accounts-and-keys.md). */
function accountIn(region: string, partition: string) {
  return {
    kmsKey: arn('kms', 'key/1234abcd-12ab-34cd-56ef-1234567890ab', region, partition),
    permissionsBoundary: arn('iam', 'policy/boundary', '', partition),
    rolePath: '/teams/files/',
    vpcSubnets: 'subnet-0aaa0000000000000,subnet-0bbb0000000000000',
    vpcSecurityGroups: 'sg-0ccc0000000000000',
  };
}

export const VARIANTS = {
  'as it is': { region: REGION, parameters: pages },
  'with all that it can be given': {
    region: REGION,
    parameters: {
      ...pages,
      ...accountIn(REGION, 'aws'),
      jwtIssuer: 'https://issuer.example.com/',
      jwtAudience: 'app',
      alarmTopic: arn('sns', 'alarms'),
      deploymentConfig: 'Canary10Percent10Minutes',
      stackTags: 'team=uploads',
      auditRetentionInDays: '365',
      tracing: 'true',
      storeVersioning: 'true',
      peakUploadsPerSecond: '900',
      warmTables: 'true',
      verifyReservedConcurrency: '900',
      storeInventory: 'Daily',
      arrivalsPush: 'true',
      cloudFront: 'true',
      cloudFrontKeyGroup: 'b7a1f5d2-3c4e-4f60-8a91-2b3c4d5e6f70',
      cloudFrontKeySecret: arn('secretsmanager', 'secret:files-AbCdEf'),
      clamavImage: `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com/clamav@sha256:${'a'.repeat(64)}`,
      guardDuty: 'true',
      scannerFunction: arn('lambda', 'function:scanner'),
    },
  },
  'with its buckets on another S3': {
    region: REGION,
    parameters: {
      ...pages,
      s3Endpoint: 'https://minio.example.com',
      s3KeysSecret: arn('secretsmanager', 'secret:keys-AbCdEf'),
      s3IncomingBucket: 'incoming',
      s3StoreBucket: 'store',
      s3QuarantineBucket: 'quarantine',
    },
  },
  'in GovCloud': {
    region: 'us-gov-west-1',
    parameters: { ...pages, ...accountIn('us-gov-west-1', 'aws-us-gov'), auditRetentionInDays: '365' },
  },
  'in China': {
    region: 'cn-north-1',
    parameters: {
      ...pages,
      ...accountIn('cn-north-1', 'aws-cn'),
      jwtIssuer: 'https://issuer.example.com/',
      jwtAudience: 'app',
    },
  },
} as const satisfies Readonly<Record<string, Variant>>;
