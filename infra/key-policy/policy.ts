/** Whose stack a key is for. */
export type Place = {
  readonly region: string;
  readonly account: string;
  /** of CloudFormation, such as sluice-prod */
  readonly stack: string;
  /** Whether the three buckets are the stack's own, and not on another S3. */
  readonly ownBuckets: boolean;
  readonly cloudFront: boolean;
};

export type Statement = {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Principal: Readonly<Record<string, string>>;
  readonly Action: string | readonly string[];
  readonly Resource: '*';
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
};

export type KeyPolicy = { readonly Version: '2012-10-17'; readonly Statement: readonly Statement[] };

/** By the beginning of a region's name: its partition, and the end of its services' names. */
const PARTITIONS = [
  ['cn-', 'aws-cn', 'amazonaws.com.cn'],
  ['us-gov-', 'aws-us-gov', 'amazonaws.com'],
  ['', 'aws', 'amazonaws.com'],
] as const;

/**
 * The policy of a key that the parameter kmsKey names. The roles of the stack, and whoever deploys it, have
 * their rights by IAM, which the first statement lets count. AWS's own services have no role of ours: each
 * has a statement, as its documentation asks for.
 */
export function keyPolicyFor({ region, account, stack, ownBuckets, cloudFront }: Place): KeyPolicy {
  const [, partition, suffix] = PARTITIONS.find(([start]) => region.startsWith(start)) ?? PARTITIONS[2];
  const statements: readonly (Statement | false)[] = [
    {
      Sid: 'PoliciesOfTheAccountCount',
      Effect: 'Allow',
      Principal: { AWS: `arn:${partition}:iam::${account}:root` },
      Action: 'kms:*',
      Resource: '*',
    },
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html names
    // no condition. Into which queue it writes, and for which bucket, the queue's own policy says.
    ownBuckets && {
      Sid: 'S3WritesToTheQueueOfArrivals',
      Effect: 'Allow',
      Principal: { Service: 's3.amazonaws.com' },
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Resource: '*',
    },
    // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-encryption-key-policy.html, and for
    // archives and targets the pages beside it. They name no condition that holds for a rule's target, too.
    {
      Sid: 'EventBridgeKeepsEventsAndWritesToQueues',
      Effect: 'Allow',
      Principal: { Service: 'events.amazonaws.com' },
      Action: ['kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKey', 'kms:ReEncrypt*'],
      Resource: '*',
    },
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    {
      Sid: 'CloudWatchKeepsLogs',
      Effect: 'Allow',
      Principal: { Service: `logs.${region}.${suffix}` },
      Action: ['kms:Decrypt*', 'kms:Describe*', 'kms:Encrypt*', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'],
      Resource: '*',
      Condition: {
        ArnLike: {
          'kms:EncryptionContext:aws:logs:arn': `arn:${partition}:logs:${region}:${account}:log-group:/aws/lambda/${stack}-*`,
        },
      },
    },
    // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
    // The id of the distribution is known after the first deployment: it may take the place of the asterisk
    // then.
    cloudFront && {
      Sid: 'CloudFrontReadsFiles',
      Effect: 'Allow',
      Principal: { Service: 'cloudfront.amazonaws.com' },
      Action: ['kms:Decrypt'],
      Resource: '*',
      Condition: {
        StringLike: { 'aws:SourceArn': `arn:${partition}:cloudfront::${account}:distribution/*` },
      },
    },
  ];
  return { Version: '2012-10-17', Statement: statements.filter((statement) => statement !== false) };
}

/**
 * The statements of the wanted policy that a key's own policy does not make up for: for some action of theirs
 * nothing there allows their principal. Conditions, and statements that deny, are not looked at.
 * @param policy as KMS gives it, parsed
 */
export function missingFrom(policy: unknown, wanted: KeyPolicy): readonly Statement[] {
  const allowed = listOf(Object(policy).Statement)
    .map((statement) => Object(statement))
    .filter(({ Effect }) => Effect === 'Allow');
  return wanted.Statement.filter(({ Principal, Action }) =>
    listOf(Action).some(
      (action) => !allowed.some((one) => names(one, Principal) && covers(one.Action, action)),
    ),
  );
}

function names({ Principal }: { Principal?: unknown }, wanted: Readonly<Record<string, string>>): boolean {
  if (Principal === '*') return true;
  return Object.entries(wanted).every(([kind, who]) => {
    const all: readonly unknown[] = listOf(Object(Principal)[kind]);
    // An account may stand there by its number alone.
    return (
      all.includes(who) || all.includes('*') || all.includes(/^arn:[\w-]+:iam::(\d+):root$/.exec(who)?.[1])
    );
  });
}

/** An action of the wanted policy may be a pattern itself, which only as wide a one covers. */
function covers(patterns: unknown, action: unknown): boolean {
  return listOf(patterns).some((pattern) => {
    const text = String(pattern)
      .toLowerCase()
      .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
    return new RegExp(`^${text.replaceAll('*', '.*')}$`).test(String(action).toLowerCase());
  });
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
