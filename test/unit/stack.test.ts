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

test('the ledger can be restored to any point in time and forgets by its TTL', () => {
  expect(resources.get('LedgerTable')?.Properties).toMatchObject({
    BillingMode: 'PAY_PER_REQUEST',
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

  test('let only downloads and verification read the store', () => {
    const reading = roles.filter(({ statements }) =>
      actionsOn(statements, 'StoreBucket').includes('s3:GetObject'),
    );
    expect(reading.map(({ name }) => name).toSorted()).toEqual(['DownloadUploadRole', 'VerifyArrivalsRole']);
  });
});
