import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';

type Resource = { readonly Type: string; Properties: Record<string, unknown> };
type Template = { readonly Resources: Record<string, Resource> };

// A plugin of serverless is CommonJS, and has no types.
const CustomerKey: { apply: (template: Template, key: string) => void } = createRequire(import.meta.url)(
  '../../../infra/customer-key.cjs',
);

const KEY = 'arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';

/** The statements that a role of one policy with this one statement has in the end, besides it. */
function added(statement: Record<string, unknown>): unknown[] {
  const Statement: unknown[] = [{ Effect: 'Allow', ...statement }];
  const template: Template = {
    Resources: {
      Role: { Type: 'AWS::IAM::Role', Properties: { Policies: [{ PolicyDocument: { Statement } }] } },
      Bucket: { Type: 'AWS::S3::Bucket', Properties: {} },
      Table: { Type: 'AWS::DynamoDB::Table', Properties: {} },
      Queue: { Type: 'AWS::SQS::Queue', Properties: {} },
      Secret: { Type: 'AWS::SecretsManager::Secret', Properties: {} },
      Rule: { Type: 'AWS::Events::Rule', Properties: {} },
    },
  };
  CustomerKey.apply(template, KEY);
  return Statement.slice(1);
}

function right(Action: readonly string[], ...services: readonly string[]) {
  const names = services.map((name) => ({ 'Fn::Sub': `${name}.\${AWS::Region}.\${AWS::URLSuffix}` }));
  return { Effect: 'Allow', Action, Resource: KEY, Condition: { StringEquals: { 'kms:ViaService': names } } };
}
const BOTH = ['kms:Decrypt', 'kms:GenerateDataKey'];
const object = { 'Fn::Sub': `\${Bucket.Arn}/*` };

function arnOf(id: string) {
  return { 'Fn::GetAtt': [id, 'Arn'] };
}

describe('a policy', () => {
  test.each([
    [
      'an upload is signed',
      { Action: ['s3:PutObject', 's3:AbortMultipartUpload'], Resource: object },
      BOTH,
      's3',
    ],
    ['a download is signed', { Action: 's3:GetObject', Resource: object }, ['kms:Decrypt'], 's3'],
    ['one version is read', { Action: 's3:GetObjectVersion', Resource: object }, ['kms:Decrypt'], 's3'],
    ['parts are listed', { Action: 's3:ListMultipartUploadParts', Resource: object }, ['kms:Decrypt'], 's3'],
    ['a message is sent', { Action: 'sqs:SendMessage', Resource: arnOf('Queue') }, BOTH, 'sqs'],
    [
      'messages are received',
      { Action: ['sqs:ReceiveMessage'], Resource: arnOf('Queue') },
      ['kms:Decrypt'],
      'sqs',
    ],
    [
      'a row is written',
      { Action: 'dynamodb:PutItem', Resource: arnOf('Table') },
      ['kms:Decrypt'],
      'dynamodb',
    ],
    [
      'an index is read',
      { Action: 'dynamodb:Query', Resource: [{ 'Fn::Sub': `\${Table.Arn}/index/by-due` }] },
      ['kms:Decrypt'],
      'dynamodb',
    ],
    [
      'a stream is read',
      { Action: ['dynamodb:GetRecords'], Resource: { 'Fn::GetAtt': ['Table', 'StreamArn'] } },
      ['kms:Decrypt'],
      'dynamodb',
    ],
    [
      'a secret is read',
      { Action: 'secretsmanager:GetSecretValue', Resource: { Ref: 'Secret' } },
      ['kms:Decrypt'],
      'secretsmanager',
    ],
  ])(
    'by which %s gets what that needs of the key, by way of its service alone',
    (_case, statement, actions, service) => {
      expect(added(statement)).toEqual([right(actions, service)]);
    },
  );

  test('that reads and writes a queue gets one statement, and one for reading a table', () => {
    const actions = ['sqs:ReceiveMessage', 'sqs:SendMessage', 'dynamodb:GetItem'];
    expect(added({ Action: actions, Resource: [arnOf('Queue'), arnOf('Table')] })).toEqual([
      right(['kms:Decrypt'], 'dynamodb'),
      right(BOTH, 'sqs'),
    ]);
  });

  test.each([
    ['reads no content', { Action: ['s3:ListBucket', 's3:DeleteObject'], Resource: object }],
    ['asks for a stream’s shards', { Action: 'dynamodb:DescribeStream', Resource: arnOf('Table') }],
    [
      'reads a secret of the team’s',
      { Action: 'secretsmanager:GetSecretValue', Resource: 'arn:aws:secretsmanager:…' },
    ],
    ['names what is not encrypted', { Action: 'sqs:SendMessage', Resource: arnOf('Rule') }],
    ['forbids', { Effect: 'Deny', Action: 's3:PutObject', Resource: object }],
  ])('that %s gets nothing', (_case, statement) => {
    expect(added(statement)).toEqual([]);
  });
});

test('the rights stand beside what needs them, under the same condition', () => {
  const mine = {
    PolicyDocument: { Statement: [{ Effect: 'Allow', Action: 's3:PutObject', Resource: object }] },
  };
  const theirs = {
    PolicyDocument: {
      Statement: [{ Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: '…' }],
    },
  };
  const Policies = [{ 'Fn::If': ['OwnBuckets', mine, theirs] }];
  CustomerKey.apply(
    {
      Resources: {
        Bucket: { Type: 'AWS::S3::Bucket', Properties: {} },
        Role: { Type: 'AWS::IAM::Role', Properties: { Policies } },
        Other: { Type: 'AWS::IAM::Role', Properties: { Policies } }, // YAML gives one policy to several roles
        Bare: { Type: 'AWS::IAM::Role', Properties: {} },
      },
    },
    KEY,
  );
  expect(mine.PolicyDocument.Statement.slice(1)).toEqual([right(BOTH, 's3')]);
  expect(theirs.PolicyDocument.Statement).toHaveLength(1);
});

test('a queue is encrypted by the key in place of SQS’s own', () => {
  const queue: Resource = { Type: 'AWS::SQS::Queue', Properties: { SqsManagedSseEnabled: true } };
  CustomerKey.apply({ Resources: { queue } }, KEY);
  // JSON, which the template is written as, leaves out what is undefined.
  expect(JSON.parse(JSON.stringify(queue.Properties))).toEqual({ KmsMasterKeyId: KEY });
});
