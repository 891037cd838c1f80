// What whoever deploys may do (docs/deployer-policy.json), beside what CloudFormation says that it takes.
import { readFileSync } from 'node:fs';
import { actionsOf } from './schemas.ts';

/** Actions that types name for what this template does not ask of them. */
export const NOT_ASKED_FOR: readonly (readonly [actions: RegExp, why: string])[] = [
  [/^iam:CreateServiceLinkedRole$/, 'for mail by SES, and tables in several regions'],
  [/^iam:(At|De)tach(Group|User)Policy$/, 'policies are attached to roles alone'],
  [/^iam:DeleteRolePermissionsBoundary$/, 'who deploys must not take a boundary away'],
  [/^cloudfront:.*(ConnectionGroup|VpcOrigin|WithTags|WithStagingConfig)$/, 'one plain distribution'],
  [/^codedeploy:RegisterOnPremisesInstance$/, 'functions run on no instance'],
  [/^dynamodb:.*(Item|Query|Scan)$/, 'for copies of tables; whoever deploys reads no row'],
  [
    /^dynamodb:.*(Replica|ResourcePolicy|KinesisStreamingDestination|ImportTable|ContributorInsights)$/,
    'not used',
  ],
  [/^(kinesis|elasticfilesystem|s3files|s3tables):/, 'not used'],
  [/^kms:ListAliases$/, 'keys are named by their ARN'],
  [/^events:(Put|Remove)Permission$/, 'the bus takes events of this account alone'],
  [/^lambda:.*(CodeSigningConfig|RuntimeAlias|CapacityProvider|RecursionConfig|ScalingConfig)$/, 'not used'],
  [/^lambda:.*(RuntimeManagementConfig|ProvisionedConcurrencyConfig)$/, 'not used'],
  [/^logs:.*(DataProtectionPolicy|IndexPolicy|ResourcePolicy|BearerToken.*|DeletionProtection)$/, 'not used'],
  [/^logs:(CreateLogDelivery|.*LogStreams?|PutLogEvents)$/, 'who deploys writes no log'],
  [/^s3:(Create|Update)BucketMetadata/, 'not used'],
  [/^s3:Delete(Bucket.+)$/, 'what is asked of a bucket is set, and not taken back'],
  [
    /^s3:Put.*(Accelerate|Analytics|Abac|Acl|Logging|Replication|Website|IntelligentTiering|Metrics)/,
    'not used',
  ],
  [/^s3:(GetObjectMetadata|PutObjectLockConfiguration|REST\.PUT\.OBJECT)$/, 'no action of IAM'],
  [/^secretsmanager:(Remove|Replicate)/, 'secrets are in one region'],
];

/** What no type asks for: serverless's own calls, and those of `npm run migrate`. */
export const OWN_CALLS = /^(cloudformation:|s3:(PutObject|ListBucketVersions)$)/;

export type DeployerPolicy = {
  readonly Statement: readonly {
    readonly Sid: string;
    readonly Action: readonly string[];
    readonly Resource: string | readonly string[];
    readonly Condition?: unknown;
  }[];
};

export function readDeployerPolicy(): DeployerPolicy {
  return JSON.parse(readFileSync('docs/deployer-policy.json', 'utf8'));
}

/** Whether a pattern of a policy covers an action; IAM looks at no case. */
export function covers(pattern: string, action: string): boolean {
  const text = pattern.replaceAll('.', String.raw`\.`).replaceAll('*', '.*');
  return new RegExp(`^${text}$`, 'i').test(action);
}

/** The actions of types that the policy does not allow, and that are asked for; each with its type. */
export function missingActions({ Statement }: DeployerPolicy, types: readonly string[]): readonly string[] {
  const allowed = Statement.flatMap(({ Action }) => Action);
  return types.flatMap((type) =>
    actionsOf(type)
      .filter((action) => !allowed.some((pattern) => covers(pattern, action)))
      .filter((action) => !NOT_ASKED_FOR.some(([actions]) => actions.test(action)))
      .map((action) => `${type}: ${action}`),
  );
}
