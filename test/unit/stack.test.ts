import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse, parseDocument } from 'yaml';
import { DUE_SHARDS } from '../../src/lib/aws/ledger-item.ts';
import { HOLD_SECONDS } from '../../src/lib/intake/hold.ts';
import { ANSWER_SECONDS } from '../../src/lib/scan/function-call.ts';

type Tree = { readonly [key: string]: unknown };
type Resource = { readonly Type: string; readonly Condition?: string; readonly Properties: Tree };

// CloudFormation's own tags mean nothing here: `!GetAtt A.Arn` reads as "A.Arn".
function read(path: string): Tree {
  return parse(readFileSync(path, 'utf8'), { logLevel: 'silent', merge: true, maxAliasCount: -1 });
}

const resources = new Map(
  readdirSync('infra')
    .filter((name) => name.endsWith('.yml'))
    .flatMap((name) => Object.entries((read(`infra/${name}`).Resources ?? {}) as Record<string, Resource>)),
);
function ofType(type: string) {
  return [...resources].filter(([, resource]) => resource.Type === type);
}

type FunctionOf = {
  readonly role: string;
  readonly environment?: Tree;
  readonly timeout?: number;
  readonly events: readonly { readonly httpApi?: Tree; readonly sqs?: Tree; readonly schedule?: Tree }[];
};
const functions = read('serverless.yml').functions as Record<string, FunctionOf>;
/** The logical id that serverless gives to a function's log group. */
function logGroupOf(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1).replaceAll('-', 'Dash')}LogGroup`;
}

/** What a function is invoked with, and every how many minutes. */
function schedulesOf(name: string) {
  return (functions[name]?.events ?? []).flatMap(({ schedule }) =>
    schedule === undefined
      ? []
      : [{ input: schedule.input as Tree, minutes: Number(/\d+/.exec(String(schedule.rate))?.[0]) }],
  );
}

describe('the sweep', () => {
  const runs = schedulesOf('expire-requests');

  test('has each shard of the due rows in one of its runs, as many in each', () => {
    const shards = runs.map(({ input }) => String(input.shards));
    expect([...shards.join('')].toSorted()).toEqual([...DUE_SHARDS].toSorted());
    expect(new Set(shards.map(({ length }) => length)).size).toBe(1);
  });

  // A queue's counts may be as old, and a run begins with the room that they say.
  test('ends each run a minute before the next one begins', () => {
    for (const { minutes } of runs) {
      expect(minutes * 60 - (functions['expire-requests']?.timeout ?? 0)).toBeGreaterThanOrEqual(60);
    }
  });

  test('is missed when one of its runs is', () => {
    const { Period, Threshold, Statistic } = resources.get('SweepMissingAlarm')?.Properties ?? {};
    expect(Statistic).toBe('SampleCount');
    expect(Threshold).toBe((runs.length * Number(Period)) / 60 / (runs[0]?.minutes ?? 0));
  });
});

const AUDIT = 'AuditBucket'; // for records, and no file of anybody's
const REPORTS = 'InventoryBucket'; // S3's lists of the files
const allBuckets = ofType('AWS::S3::Bucket').filter(([name]) => name !== AUDIT);
const buckets = allBuckets.filter(([name]) => name !== REPORTS);
function statementsOf(resource: Resource, path: readonly string[]): readonly Tree[] {
  const document = path.reduce<unknown>((node, key) => (node as Tree)[key], resource.Properties) as Tree;
  return document.Statement as readonly Tree[];
}
/** The statements of a bucket's policy; one that has a condition of CloudFormation is a list of three. */
function policyOf(bucket: string): readonly (Tree | readonly [string, Tree, string])[] {
  const [, policy] =
    ofType('AWS::S3::BucketPolicy').find(([, { Properties }]) => Properties.Bucket === bucket) ?? [];
  if (policy === undefined) throw new Error(`${bucket} has no policy`);
  expect(policy.Condition).toBe('OwnBuckets');
  return statementsOf(policy, ['PolicyDocument']) as readonly (Tree | readonly [string, Tree, string])[];
}
type Policy = { readonly PolicyDocument: { readonly Statement: readonly (Tree | Conditional<Tree>)[] } };
/** `!If`: a condition, and what holds with it and without it. */
type Conditional<Kind> = readonly [condition: string, held: Kind, otherwise: Kind | 'AWS::NoValue'];
/** What stands there under either condition. */
function eitherOf<Kind extends object>(item: Kind | Conditional<Kind>): readonly Kind[] {
  if (!Array.isArray(item)) return [item as Kind];
  const [, ...both] = item as Conditional<Kind>;
  return both.filter((kind) => kind !== 'AWS::NoValue').flatMap((kind) => eitherOf<Kind>(kind as Kind));
}
/** GuardDuty's role: it is no function's. */
const SCANS_FOR_AWS = 'GuardDutyScanRole';
const allRoles = ofType('AWS::IAM::Role').map(([name, role]) => {
  const policies = (role.Properties.Policies ?? []) as readonly (Policy | Conditional<Policy>)[];
  return {
    name,
    policies,
    isOfFunction: JSON.stringify(role.Properties.AssumeRolePolicyDocument).includes('lambda.amazonaws.com'),
    statements: policies
      .flatMap(eitherOf<Policy>)
      .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
      .flatMap(eitherOf<Tree>),
  };
});
/** Those of functions: services of AWS have a few of their own. */
const roles = allRoles.filter(({ isOfFunction }) => isOfFunction);
function actionsOn(statements: readonly Tree[], resource: string): string[] {
  return statements
    .filter((statement) => JSON.stringify(statement.Resource).includes(resource))
    .flatMap(({ Action }) => Action as string);
}

/** It writes one object into each bucket, by which it sees whose they are. */
const BUT_GUARDDUTY = ['GuardDutyProtects', { 'aws:PrincipalArn': `${SCANS_FOR_AWS}.Arn` }, 'AWS::NoValue'];

describe('the buckets', () => {
  test('are three', () => {
    expect(buckets.map(([name]) => name)).toEqual(['IncomingBucket', 'StoreBucket', 'QuarantineBucket']);
  });

  test('are made where no other S3 is named', () => {
    expect(buckets.map(([, { Condition }]) => Condition)).toEqual(Array(3).fill('OwnBuckets'));
    expect(read('infra/buckets.yml').Conditions).toMatchObject({ OwnBuckets: [`\${param:s3Endpoint}`, ''] });
  });

  test('are known to functions together with the S3 that they are on', () => {
    const place = ['S3_ENDPOINT', 'S3_PUBLIC_ENDPOINT', 'S3_REGION', 'S3_ADDRESSING_STYLE', 'S3_KEYS_SECRET'];
    const lacking = Object.entries(functions)
      .filter(([, { environment = {} }]) =>
        /STORE_BUCKET|INCOMING_BUCKET/.test(Object.keys(environment).join()),
      )
      .filter(([, { environment = {} }]) => place.some((name) => !(name in environment)))
      .map(([name]) => name);
    // It compares the bucket's name and reaches no bucket.
    expect(lacking).toEqual(['announce-arrivals']);
  });

  test.each(allBuckets)(
    'such as %s are private, owned, encrypted, and rid of unfinished uploads',
    (_name, { Properties }) => {
      expect(Properties.PublicAccessBlockConfiguration).toEqual({
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      });
      expect(Properties.OwnershipControls).toEqual({ Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] });
      expect(JSON.stringify(Properties.BucketEncryption)).toContain('AES256');
      expect(JSON.stringify(Properties.LifecycleConfiguration)).toContain('AbortIncompleteMultipartUpload');
    },
  );

  test.each(buckets)(
    'such as %s deny whatever comes without TLS, everywhere but on the local stack',
    (name) => {
      expect(policyOf(name)).toContainEqual([
        'TlsOnly',
        {
          Sid: 'TlsOnly',
          Effect: 'Deny',
          Principal: '*',
          Action: 's3:*',
          Resource: [`${name}.Arn`, `\${${name}.Arn}/*`],
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
        'AWS::NoValue',
      ]);
    },
  );

  test.each(buckets)('such as %s deny objects under a key that their sender keeps', (name) => {
    expect(policyOf(name)).toContainEqual({
      Sid: 'NoKeysOfCustomers',
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:PutObject',
      Resource: `\${${name}.Arn}/*`,
      Condition: { Null: { 's3:x-amz-server-side-encryption-customer-algorithm': 'false' } },
    });
  });

  test.each([
    ['IncomingBucket', 'uploadInMilliseconds'],
    ['StoreBucket', 'downloadInMilliseconds'],
  ])('such as %s deny signatures that are older than any URL or form of the functions', (name, age) => {
    expect(policyOf(name)).toContainEqual({
      Sid: 'FreshSignatures',
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:*',
      Resource: `\${${name}.Arn}/*`,
      Condition: {
        StringEquals: { 's3:authType': ['REST-QUERY-STRING', 'POST'] },
        NumericGreaterThan: { 's3:signatureAge': `\${file(infra/lifetimes.cjs):${age}}` },
      },
    });
  });

  test('such as IncomingBucket are written to only where nothing is yet, but for forms, which cannot say so', () => {
    expect(policyOf('IncomingBucket')).toContainEqual({
      Sid: 'OnceOnly',
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:PutObject',
      Resource: `\${IncomingBucket.Arn}/*`,
      Condition: {
        Null: { 's3:if-none-match': 'true' },
        Bool: { 's3:ObjectCreationOperation': 'true' },
        StringNotEquals: { 's3:authType': 'POST' },
        ArnNotEquals: BUT_GUARDDUTY,
      },
    });
  });

  test('such as StoreBucket are never overwritten, but where a parameter lets a backup be restored', () => {
    expect(policyOf('StoreBucket')).toContainEqual([
      'StoreWriteOnce',
      {
        Sid: 'OnceOnly',
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:PutObject',
        Resource: `\${StoreBucket.Arn}/*`,
        Condition: {
          Null: { 's3:if-none-match': 'true' },
          Bool: { 's3:ObjectCreationOperation': 'true' },
          ArnNotEquals: BUT_GUARDDUTY,
        },
      },
      'AWS::NoValue',
    ]);
  });

  test.each(buckets)(
    'such as %s allow nobody anything: their policies only deny, but for CloudFront',
    (name) => {
      const statements = policyOf(name)
        .filter((statement) => !Array.isArray(statement) || statement[0] !== 'ByCloudFront')
        .map((statement) => (Array.isArray(statement) ? statement[1] : statement));
      expect(new Set(statements.map(({ Effect }: Tree) => Effect))).toEqual(new Set(['Deny']));
    },
  );

  test('such as StoreBucket let CloudFront read, where a parameter puts it there: the stack’s own distribution', () => {
    const ofCloudFront = buckets.flatMap(([name]) =>
      policyOf(name).flatMap((statement) =>
        Array.isArray(statement) && statement[0] === 'ByCloudFront' ? [[name, ...statement]] : [],
      ),
    );
    expect(ofCloudFront).toEqual([
      [
        'StoreBucket',
        'ByCloudFront',
        {
          Sid: 'CloudFrontReads',
          Effect: 'Allow',
          Principal: { Service: 'cloudfront.amazonaws.com' },
          Action: 's3:GetObject',
          Resource: `\${StoreBucket.Arn}/*`,
          Condition: {
            StringEquals: {
              'aws:SourceArn': `arn:\${AWS::Partition}:cloudfront::\${AWS::AccountId}:distribution/\${FilesDistribution}`,
            },
          },
        },
        'AWS::NoValue',
      ],
    ]);
  });

  test('are listed into one that only S3 writes, for these three, and that takes nothing without TLS', () => {
    const policy = resources.get('InventoryBucketPolicy');
    if (policy === undefined) throw new Error('InventoryBucket has no policy');
    expect(statementsOf(policy, ['PolicyDocument'])).toEqual([
      ['TlsOnly', expect.objectContaining({ Effect: 'Deny', Action: 's3:*' }), 'AWS::NoValue'],
      {
        Sid: 'InventoryWrites',
        Effect: 'Allow',
        Principal: { Service: 's3.amazonaws.com' },
        Action: 's3:PutObject',
        Resource: `\${${REPORTS}.Arn}/*`,
        Condition: {
          StringEquals: { 'aws:SourceAccount': 'AWS::AccountId' },
          ArnEquals: { 'aws:SourceArn': buckets.map(([name]) => `${name}.Arn`) },
        },
      },
    ]);
  });

  test('keep versions of incoming for a day, and leave no delete marker behind', () => {
    const { VersioningConfiguration, LifecycleConfiguration } =
      resources.get('IncomingBucket')?.Properties ?? {};
    expect(VersioningConfiguration).toEqual({ Status: 'Enabled' });
    const { Rules } = LifecycleConfiguration as { readonly Rules: readonly Tree[] };
    expect(Rules).toContainEqual(
      expect.objectContaining({
        Status: 'Enabled',
        ExpirationInDays: expect.stringContaining('param:heldRetentionInDays'),
        NoncurrentVersionExpiration: { NoncurrentDays: 1 },
      }),
    );
    // S3 refuses a rule that names both days and delete markers.
    const markers = Rules.filter((rule) => rule.ExpiredObjectDeleteMarker === true);
    expect(markers.map(({ ExpirationInDays }) => ExpirationInDays)).toEqual([undefined]);
  });

  test('keep versions of the store where a parameter asks for it, and forget the old ones in time', () => {
    const { VersioningConfiguration, LifecycleConfiguration } =
      resources.get('StoreBucket')?.Properties ?? {};
    expect(VersioningConfiguration).toEqual(['StoreVersioned', { Status: 'Enabled' }, 'AWS::NoValue']);
    const { Rules } = LifecycleConfiguration as { readonly Rules: readonly Tree[] };
    expect(Rules).toContainEqual(
      expect.objectContaining({
        NoncurrentVersionExpiration: {
          NoncurrentDays: expect.stringContaining('param:storeVersionRetentionInDays'),
        },
      }),
    );
    expect(Rules.some((rule) => 'ExpirationInDays' in rule)).toBe(false);
  });

  test('notify nobody but for incoming, so that no write of Sluice’s own can trigger it', () => {
    const notifying = buckets.filter(([, { Properties }]) => 'NotificationConfiguration' in Properties);
    expect(notifying.map(([name]) => name)).toEqual(['IncomingBucket', 'StoreBucket']);
    // As GuardDuty wants it of a bucket that it protects. No rule hears of it.
    expect(notifying[1]?.[1].Properties.NotificationConfiguration).toEqual([
      'GuardDutyProtects',
      { EventBridgeConfiguration: { EventBridgeEnabled: true } },
      'AWS::NoValue',
    ]);
    const heard = ofType('AWS::Events::Rule').map(
      ([, { Properties }]) => (Properties.EventPattern as Tree).source,
    );
    expect(heard.toSorted()).toEqual([['aws.guardduty'], ['sluice']]);
  });
});

describe('the queues of the scanners', () => {
  test.each([
    ['InspectionQueue', 'inspect-uploads'],
    ['ClamavQueue', 'scan-with-clamav'],
    ['ScannerQueue', 'ask-scanners'],
    ['ScanResultsQueue', 'record-scans'],
  ])('%s hides a message as long as %s may run, and gives up into the one that rings', (queue, name) => {
    const { VisibilityTimeout, RedrivePolicy } = resources.get(queue)?.Properties ?? {};
    expect(VisibilityTimeout).toBe(functions[name]?.timeout);
    expect(RedrivePolicy).toMatchObject({ deadLetterTargetArn: 'ScansDeadLetterQueue.Arn' });
  });

  test('leave the team’s function less time than its caller has', () => {
    expect(functions['ask-scanners']?.timeout).toBeGreaterThan(ANSWER_SECONDS + 30);
  });

  test('are polled for scanners that are configured alone', () => {
    expect(functions['scan-with-clamav']).toMatchObject({ condition: 'ClamavConfigured' });
    expect(functions['ask-scanners']).toMatchObject({ condition: 'AskedScannersConfigured' });
    expect(read('infra/scanning.yml').extensions).toEqual({
      ScanDashwithDashclamavEventSourceMappingSQSClamavQueue: { Condition: 'ClamavConfigured' },
      AskDashscannersEventSourceMappingSQSScannerQueue: { Condition: 'AskedScannersConfigured' },
    });
  });
});

describe('the arrivals queue', () => {
  test('hides a message as long as its function may run, which Lambda demands, and no longer', () => {
    const queue = resources.get('ArrivalsQueue')?.Properties ?? {};
    expect(queue.VisibilityTimeout).toBe(functions['verify-arrivals']?.timeout);
    expect(queue.VisibilityTimeout).toBe(HOLD_SECONDS);
  });

  test('reserves concurrency for verification only where a parameter says so, as a new account has none to reserve', () => {
    const { extensions } = read('infra/arrivals.yml') as { extensions: Tree };
    expect(extensions).toEqual({
      VerifyDasharrivalsLambdaFunction: {
        Properties: {
          ReservedConcurrentExecutions: [
            'VerifyReserved',
            expect.stringContaining('param:verifyReservedConcurrency'),
            'AWS::NoValue',
          ],
        },
      },
    });
    expect(read('serverless.yml').params).toMatchObject({ default: { verifyReservedConcurrency: '' } });
  });
});

describe('the queue of arrivals', () => {
  test('takes messages from the incoming bucket of this stack in this account, and from nothing else', () => {
    const policy = resources.get('ArrivalsQueuePolicy');
    expect(policy && statementsOf(policy, ['PolicyDocument'])).toEqual([
      {
        Sid: 'S3Notifies',
        Effect: 'Allow',
        Principal: { Service: 's3.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: 'ArrivalsQueue.Arn',
        Condition: {
          StringEquals: { 'aws:SourceAccount': 'AWS::AccountId' },
          ArnLike: { 'aws:SourceArn': `arn:\${AWS::Partition}:s3:::\${AWS::StackName}-incomingbucket-*` },
        },
      },
    ]);
    // CloudFormation makes the name of the stack's and the logical id, as long as the template gives none.
    expect(resources.get('IncomingBucket')?.Properties).not.toHaveProperty('BucketName');
  });
});

describe('the user pool', () => {
  const client = resources.get('UserPoolClient')?.Properties ?? {};
  const schema = resources.get('UserPool')?.Properties.Schema as readonly Tree[];

  test('lets users write nothing of their own that could name a tenant', () => {
    expect(client.WriteAttributes).toEqual(['locale']);
  });

  test('fixes attributes of the team’s own when a user is invited, and puts them into tokens', () => {
    expect(schema.length).toBeGreaterThan(0);
    for (const { Name, Mutable } of schema) {
      expect(Mutable, String(Name)).toBe(false);
      expect(client.ReadAttributes).toContain(`custom:${Name}`);
    }
  });
});

test('every route is throttled, by parameters', () => {
  const { extensions } = read('infra/throttles.yml') as { extensions: Record<string, Tree> };
  expect(extensions.HttpApiStage?.Properties).toEqual({
    DefaultRouteSettings: {
      DetailedMetricsEnabled: false,
      ThrottlingRateLimit: `\${file(infra/capacity.cjs):routeRateLimit}`,
      ThrottlingBurstLimit: `\${file(infra/capacity.cjs):routeBurstLimit}`,
    },
  });
});

test.each(['verify-arrivals', 'inspect-uploads', 'scan-with-clamav', 'ask-scanners', 'record-scans'])(
  '%s works on as many batches at once as follows from the target',
  (name) => {
    expect(functions[name]?.events?.flatMap(({ sqs }) => sqs ?? [])).toEqual([
      expect.objectContaining({ maximumConcurrency: `\${file(infra/capacity.cjs):verifyConcurrency}` }),
    ]);
  },
);

describe('a table', () => {
  const tables = [...resources].filter(([, { Type }]) => Type === 'AWS::DynamoDB::Table');
  const warmed = {
    'Fn::If': [
      'TablesWarmed',
      {
        ReadUnitsPerSecond: `\${file(infra/capacity.cjs):warmReadUnits}`,
        WriteUnitsPerSecond: `\${file(infra/capacity.cjs):warmWriteUnits}`,
      },
      'AWS::NoValue',
    ],
  };

  test.each(tables)('%s is warmed for the target where the stage says so', (_name, { Properties }) => {
    expect(Properties).toMatchObject({ WarmThroughput: warmed });
  });

  // One index that is cold holds back every write of its table.
  test.each(tables)('%s has no index that stays cold, but those of 0.1.0', (_name, { Properties }) => {
    const flat = [Properties?.GlobalSecondaryIndexes ?? []].flat(3) as readonly unknown[];
    const indexes = flat.filter((entry): entry is Tree => typeof entry === 'object' && entry !== null);
    for (const { IndexName, WarmThroughput } of indexes) {
      if (typeof IndexName !== 'string' || ['by-owner', 'by-due'].includes(IndexName)) continue;
      expect(WarmThroughput, IndexName).toEqual(warmed);
    }
  });
});

test('the ledger can be restored to any point in time, is not deleted by a slip, and forgets by its TTL', () => {
  expect(resources.get('LedgerTable')?.Properties).toMatchObject({
    BillingMode: 'PAY_PER_REQUEST',
    DeletionProtectionEnabled: ['TableProtected', true, false],
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    TimeToLiveSpecification: { AttributeName: 'forgetAt', Enabled: true },
  });
});

// A key that stands twice is read here, and refused by serverless: nothing would be deployed.
test.each([
  'serverless.yml',
  ...readdirSync('infra').flatMap((file) => (/\.yml$/.test(file) ? `infra/${file}` : [])),
])('%s is YAML without a mistake', (file) => {
  const { errors } = parseDocument(readFileSync(file, 'utf8'), { logLevel: 'silent', merge: true });
  expect(errors.map(({ message }) => message)).toEqual([]);
});

describe('the functions', () => {
  test('are the files of src/handlers/, each deployed by the name of its file', () => {
    const deployed = Object.values(read('serverless.yml').functions as Record<string, Tree>);
    const files = readdirSync('src/handlers').map(
      (file) => `src/handlers/${file.replace(/\.ts$/, '')}.handler`,
    );
    expect(
      deployed.map(({ handler }) => handler).toSorted(),
      'each file of src/handlers/ is the handler of a function in serverless.yml',
    ).toEqual(files.toSorted());
    const named = Object.keys(functions).map((name) => `src/handlers/${name}.handler`);
    expect(named.toSorted(), 'a function has the name of its file').toEqual(files.toSorted());
  });

  test('are called by methods that browsers may use from other origins', () => {
    const { httpApi } = read('serverless.yml').provider as { readonly httpApi: Tree };
    const allowed = (httpApi.cors as Tree).allowedMethods as readonly string[];
    const used = Object.values(functions).flatMap(({ events = [] }) =>
      events.flatMap(({ httpApi: route }) => (route ? [String(route.method)] : [])),
    );
    expect(used).toContain('DELETE');
    expect(
      used.filter((method) => !allowed.includes(method)),
      'methods to add to cors.allowedMethods in serverless.yml',
    ).toEqual([]);
  });
});

test('every function may write traces where the stage records them, and X-Ray nothing else', () => {
  const [policy] = ofType('AWS::IAM::ManagedPolicy').map(([, resource]) => resource);
  expect(policy).toMatchObject({ Condition: 'Traced' });
  // A role that a stage may lack is named under the condition of the role itself.
  const named = (role: string) => {
    const condition = resources.get(role)?.Condition;
    return condition === undefined ? role : [condition, role, 'AWS::NoValue'];
  };
  const roles = Object.values(functions).map(({ role }) => named(String(role)));
  expect(policy?.Properties.Roles).toHaveLength(roles.length);
  expect(policy?.Properties.Roles).toEqual(expect.arrayContaining(roles));
  expect(JSON.stringify(policy?.Properties.PolicyDocument)).toContain(
    '"Action":["xray:PutTraceSegments","xray:PutTelemetryRecords"]',
  );
});

describe('the audit trail', () => {
  const [, bucket] = ofType('AWS::S3::Bucket').find(([name]) => name === AUDIT) ?? [];

  test('is locked for as long as the parameter says, and outlives the stack', () => {
    expect(bucket).toMatchObject({
      Condition: 'Audited',
      DeletionPolicy: 'Retain',
      Properties: {
        ObjectLockEnabled: true,
        VersioningConfiguration: { Status: 'Enabled' },
        ObjectLockConfiguration: {
          Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: `\${param:auditRetentionInDays}` } },
        },
      },
    });
  });

  test('is written by Firehose alone, and removed by nobody', () => {
    expect(roles.filter(({ statements }) => actionsOn(statements, AUDIT).length > 0)).toEqual([]);
    const others = ofType('AWS::IAM::Role').map(([, role]) => JSON.stringify(role.Properties));
    expect(others.filter((text) => text.includes(AUDIT))).toHaveLength(1);
    expect(others.join()).not.toContain('BypassGovernance');
  });
});

describe('the roles', () => {
  test('name each action, and no resource by a mere *', () => {
    const loose = allRoles.flatMap(({ name, statements }) =>
      statements
        .filter(({ Action, Resource }) => JSON.stringify(Action).includes('*') || Resource === '*')
        .map(({ Action }) => [name, Action]),
    );
    // Which buckets can be scanned is said by GuardDuty's plans: the action knows no resources.
    expect(loose).toEqual([['AskScannersRole', 'guardduty:SendObjectMalwareScan']]);
  });

  test('let GuardDuty read what is scanned, and write nothing but by what it sees whose the bucket is', () => {
    const { statements = [] } = allRoles.find(({ name }) => name === SCANS_FOR_AWS) ?? {};
    for (const bucket of ['IncomingBucket', 'StoreBucket']) {
      expect(actionsOn(statements, ['${', bucket, '.Arn}/*'].join('')), bucket).toEqual([
        's3:GetObject',
        's3:GetObjectVersion',
      ]);
    }
    const writing = statements.filter(({ Action }) => JSON.stringify(Action).includes('s3:PutObject'));
    expect(writing.flatMap(({ Resource }) => Resource)).toEqual([
      `\${IncomingBucket.Arn}/malware-protection-resource-validation-object`,
      `\${StoreBucket.Arn}/malware-protection-resource-validation-object`,
    ]);
    expect(actionsOn(statements, 'QuarantineBucket')).toEqual([]);
    expect(resources.get(SCANS_FOR_AWS)?.Condition).toBe('GuardDutyProtects');
  });

  test('belong to one function each, which may write its own log and no other', () => {
    const owners = Object.entries(functions).map(([name, { role }]) => [role, name] as const);
    expect(new Set(owners.map(([role]) => role)).size).toBe(owners.length);
    const logging = roles.map(({ name, statements }) => [
      name,
      statements.filter(({ Action }) => JSON.stringify(Action).includes('logs:')),
    ]);
    expect(
      Object.fromEntries(logging),
      'each function has a role of its own in infra/roles.yml, which may write to its log group: read-upload to ReadDashuploadLogGroup',
    ).toEqual(
      Object.fromEntries(
        owners.map(([role, name]) => [
          role,
          [
            {
              Effect: 'Allow',
              Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
              Resource: `${logGroupOf(name)}.Arn`,
            },
          ],
        ]),
      ),
    );
  });

  test('let nothing that is called without an authorizer touch what was accepted', () => {
    const open = Object.values(functions).filter(({ events = [] }) =>
      events.some(({ httpApi }) => httpApi !== undefined && !('authorizer' in httpApi)),
    );
    expect(open.map(({ role }) => role)).toContain('UppyRole');
    const touching = roles.filter(
      ({ name, statements }) =>
        open.some(({ role }) => role === name) && actionsOn(statements, 'StoreBucket').length > 0,
    );
    // But for what gives anybody what is anybody's, by reading alone.
    expect(touching.map(({ name, statements }) => [name, actionsOn(statements, 'StoreBucket')])).toEqual([
      ['OpenFileRole', ['s3:GetObject']],
    ]);
  });

  test.each([
    ['FILES_DISTRIBUTION', 'cloudfront:CreateInvalidation', 'FilesDistribution'],
    ['FILES_KEY_SECRET', 'secretsmanager:GetSecretValue', 'cloudFrontKeySecret'],
    ['UPPY_KEY_SECRET', 'secretsmanager:GetSecretValue', 'UppyKey'],
    ['WEBHOOK_KEY_SECRET', 'secretsmanager:GetSecretValue', 'WebhookKey'],
    ['ARRIVALS_PUSH_SECRET', 'secretsmanager:GetSecretValue', 'ArrivalsPushSecret'],
  ])('let those functions that are told of %s use it, and no others', (variable, action, resource) => {
    const told = Object.values(functions)
      .filter(({ environment = {} }) => variable in environment)
      .map(({ role }) => role);
    const allowed = roles.filter(({ statements }) => actionsOn(statements, resource).includes(action));
    expect(told.length).toBeGreaterThan(0);
    expect(allowed.map(({ name }) => name).sort()).toEqual(told.sort());
  });

  // Rights on a bucket's name would be rights on a bucket of AWS, which anybody may have made under that
  // name.
  test('have no right on any bucket where the buckets are on another S3, but to read its keys', () => {
    const touching = roles.filter(({ statements }) => actionsOn(statements, 'Bucket').length > 0);
    expect(touching.length).toBeGreaterThan(8);
    for (const { name, policies } of touching) {
      const [always, ...more] = policies;
      const statements = eitherOf<Policy>(always as Policy).flatMap(
        ({ PolicyDocument }) => PolicyDocument.Statement,
      );
      expect(JSON.stringify(statements), name).not.toContain('Bucket');
      expect(more, name).toEqual([
        [
          'OwnBuckets',
          expect.anything(),
          {
            PolicyName: 'keys-of-another-s3',
            PolicyDocument: {
              Version: '2012-10-17',
              Statement: [
                {
                  Effect: 'Allow',
                  Action: 'secretsmanager:GetSecretValue',
                  Resource: `\${param:s3KeysSecret}`,
                },
              ],
            },
          },
        ],
      ]);
    }
  });

  test('let whoever announces what was pushed do nothing but queue it and read the secret of pushes', () => {
    const role = roles.find(({ name }) => name === 'AnnounceArrivalsRole');
    expect(role?.statements.filter(({ Action }) => !JSON.stringify(Action).includes('logs:'))).toEqual([
      { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: 'ArrivalsQueue.Arn' },
      { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: 'ArrivalsPushSecret.Id' },
    ]);
  });

  test('stand alone: no policy of AWS’s own widens them', () => {
    const widened = ofType('AWS::IAM::Role').filter(
      ([, { Properties }]) => 'ManagedPolicyArns' in Properties,
    );
    expect(widened.map(([name]) => name)).toEqual([]);
  });

  test('let nothing that signs for callers read or write quarantine', () => {
    const touching = roles.filter(({ statements }) => actionsOn(statements, 'QuarantineBucket').length > 0);
    expect(touching.map(({ name }) => name)).toEqual([
      'VerifyArrivalsRole',
      'RecordScansRole',
      'ExpireRequestsRole',
      'AdministerRole',
    ]);
    // The sweep reads the verdict that a copy there names, and removes one that the verdict does not.
    const removing = touching.filter(({ statements }) =>
      actionsOn(statements, 'QuarantineBucket').includes('s3:DeleteObject'),
    );
    expect(removing.map(({ name }) => name)).toEqual(['ExpireRequestsRole', 'AdministerRole']);
  });

  test('let only verification write to the store', () => {
    const writing = roles.filter(({ statements }) =>
      actionsOn(statements, 'StoreBucket').includes('s3:PutObject'),
    );
    expect(writing.map(({ name }) => name)).toEqual(['VerifyArrivalsRole']);
  });

  test('let whoever reads or removes objects of incoming do so by version', () => {
    const lacking = roles.flatMap(({ name, statements }) => {
      const actions = actionsOn(statements, 'IncomingBucket');
      return ['s3:GetObject', 's3:DeleteObject']
        .filter((action) => actions.includes(action) && !actions.includes(`${action}Version`))
        .map((action) => `${name} lacks ${action}Version`);
    });
    expect(lacking).toEqual([]);
  });

  test('let whoever asks for objects of incoming tell a missing one from a refused one', () => {
    const blind = roles.filter(({ statements }) => {
      const actions = actionsOn(statements, 'IncomingBucket');
      return actions.includes('s3:GetObject') && !actions.includes('s3:ListBucket');
    });
    expect(blind.map(({ name }) => name)).toEqual([]);
  });

  test('let only downloads, verification, scanners and what removes by ETag read the store', () => {
    const reading = roles.filter(({ statements }) =>
      actionsOn(statements, 'StoreBucket').includes('s3:GetObject'),
    );
    expect(reading.map(({ name }) => name).toSorted()).toEqual([
      'AdministerRole',
      'AskScannersRole',
      'DeleteUploadRole',
      'DeleteUploadsRole',
      'DownloadUploadRole',
      'ExpireRequestsRole',
      'InspectUploadsRole',
      'OpenFileRole',
      'RecordScansRole',
      'ScanWithClamavRole',
      'SignDownloadsRole',
      'VerifyArrivalsRole',
    ]);
  });

  test('let nothing that has no authorizer touch what was accepted', () => {
    const uppy = roles.find(({ name }) => name === 'UppyRole');
    expect(uppy && actionsOn(uppy.statements, 'StoreBucket')).toEqual([]);
  });
});

describe('CloudFront before the store', () => {
  const made = [...resources].filter(([, { Type }]) => Type.startsWith('AWS::CloudFront::'));
  const configOf = (name: string) => Object.values(resources.get(name)?.Properties ?? {})[0] as Tree;

  test('is made only where a parameter says so', () => {
    expect(made.map(([name]) => name)).toEqual([
      'FilesAccess',
      'FilesCaching',
      'FilesHeaders',
      'FilesDistribution',
    ]);
    expect(new Set(made.map(([, { Condition }]) => Condition))).toEqual(new Set(['ByCloudFront']));
    expect(read('infra/cloudfront.yml').Conditions).toEqual({
      ByCloudFront: [`\${param:cloudFront}`, 'true'],
    });
  });

  test('answers nobody without a signature of the team’s keys, only reads, and changes no byte', () => {
    expect(configOf('FilesDistribution').DefaultCacheBehavior).toMatchObject({
      TrustedKeyGroups: [`\${param:cloudFrontKeyGroup}`],
      AllowedMethods: ['GET', 'HEAD'],
      Compress: false,
      ViewerProtocolPolicy: ['TlsOnly', 'https-only', 'allow-all'],
    });
    expect(configOf('FilesDistribution')).not.toHaveProperty('CacheBehaviors');
    expect(configOf('FilesAccess')).toMatchObject({ SigningBehavior: 'always', SigningProtocol: 'sigv4' });
  });

  test('hands on to S3, and keeps copies by, just those headers of the answer that are signed', () => {
    expect(configOf('FilesCaching').ParametersInCacheKeyAndForwardedToOrigin).toMatchObject({
      QueryStringsConfig: {
        QueryStringBehavior: 'whitelist',
        QueryStrings: ['response-content-disposition', 'response-content-type'],
      },
      HeadersConfig: { HeaderBehavior: 'none' },
      CookiesConfig: { CookieBehavior: 'none' },
    });
  });

  test('sends what keeps a file from doing more than to show, whatever the store has sent', () => {
    expect(configOf('FilesHeaders')).toMatchObject({
      SecurityHeadersConfig: {
        ContentSecurityPolicy: { ContentSecurityPolicy: 'sandbox', Override: true },
        ContentTypeOptions: { Override: true },
      },
      CustomHeadersConfig: {
        Items: [{ Header: 'cross-origin-resource-policy', Value: 'cross-origin', Override: true }],
      },
    });
  });
});
