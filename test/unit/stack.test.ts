import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

type Tree = { readonly [key: string]: unknown };
type Resource = { readonly Type: string; readonly Condition?: string; readonly Properties: Tree };

// CloudFormation's own tags mean nothing here: `!GetAtt A.Arn` reads as "A.Arn".
const read = (path: string): Tree => parse(readFileSync(path, 'utf8'), { logLevel: 'silent', merge: true });

const resources = new Map(
  readdirSync('infra')
    .filter((name) => name.endsWith('.yml'))
    .flatMap((name) => Object.entries((read(`infra/${name}`).Resources ?? {}) as Record<string, Resource>)),
);
const ofType = (type: string) => [...resources].filter(([, resource]) => resource.Type === type);

const buckets = ofType('AWS::S3::Bucket');
const statementsOf = (resource: Resource, path: readonly string[]): readonly Tree[] => {
  const document = path.reduce<unknown>((node, key) => (node as Tree)[key], resource.Properties) as Tree;
  return document.Statement as readonly Tree[];
};
const roles = ofType('AWS::IAM::Role').map(([name, role]) => ({
  name,
  statements: (
    (role.Properties.Policies ?? []) as readonly { PolicyDocument: { Statement: readonly Tree[] } }[]
  ).flatMap(({ PolicyDocument }) => PolicyDocument.Statement),
}));
const actionsOn = (statements: readonly Tree[], resource: string): string[] =>
  statements
    .filter((statement) => JSON.stringify(statement.Resource).includes(resource))
    .flatMap(({ Action }) => Action as string);

describe('the buckets', () => {
  test('are three', () => {
    expect(buckets.map(([name]) => name)).toEqual(['IncomingBucket', 'StoreBucket', 'QuarantineBucket']);
  });

  test.each(buckets)(
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
      const policy = ofType('AWS::S3::BucketPolicy').find(
        ([, { Properties }]) => Properties.Bucket === name,
      )?.[1];
      expect(policy?.Condition).toBe('TlsOnly');
      expect(policy && statementsOf(policy, ['PolicyDocument'])).toEqual([
        expect.objectContaining({
          Effect: 'Deny',
          Principal: '*',
          Action: 's3:*',
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        }),
      ]);
    },
  );

  test('keep versions of incoming for a day, and leave no delete marker behind', () => {
    const { VersioningConfiguration, LifecycleConfiguration } =
      resources.get('IncomingBucket')?.Properties ?? {};
    expect(VersioningConfiguration).toEqual({ Status: 'Enabled' });
    const { Rules } = LifecycleConfiguration as { readonly Rules: readonly Tree[] };
    expect(Rules).toContainEqual(
      expect.objectContaining({
        Status: 'Enabled',
        ExpirationInDays: 7,
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
    expect(notifying.map(([name]) => name)).toEqual(['IncomingBucket']);
  });
});

describe('the arrivals queue', () => {
  test('hides a message six times as long as its function may take, and gives it five tries', () => {
    const queue = resources.get('ArrivalsQueue')?.Properties ?? {};
    const functions = read('serverless.yml').functions as Record<string, { timeout: number }>;
    expect(queue.VisibilityTimeout).toBeGreaterThanOrEqual(
      6 * (functions['verify-arrivals']?.timeout ?? Number.NaN),
    );
    expect(queue.RedrivePolicy).toMatchObject({ maxReceiveCount: 5 });
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

describe('the roles', () => {
  test('name each action, and no resource by a mere *', () => {
    const loose = roles.flatMap(({ name, statements }) =>
      statements
        .filter(({ Action, Resource }) => JSON.stringify(Action).includes('*') || Resource === '*')
        .map(() => name),
    );
    expect(loose).toEqual([]);
  });

  test('let nothing that signs for callers read or write quarantine', () => {
    const touching = roles.filter(({ statements }) => actionsOn(statements, 'QuarantineBucket').length > 0);
    expect(touching.map(({ name }) => name)).toEqual(['VerifyArrivalsRole']);
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

  test('let only downloads and verification read the store', () => {
    const reading = roles.filter(({ statements }) =>
      actionsOn(statements, 'StoreBucket').includes('s3:GetObject'),
    );
    expect(reading.map(({ name }) => name).toSorted()).toEqual(['DownloadUploadRole', 'VerifyArrivalsRole']);
  });
});
