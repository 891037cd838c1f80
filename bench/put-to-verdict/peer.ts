import { readFile } from 'node:fs/promises';
import {
  CloudFormationClient,
  CreateStackCommand,
  waitUntilStackCreateComplete,
} from '@aws-sdk/client-cloudformation';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { rootOf } from '../../test/contract/root.ts';
import { archive } from '../../test/corpus/archive.ts';
import { bundleFiles } from '../bundle.ts';

const CODE = 'peer-code';

/** The buckets of a chain that only copies. */
export type Peer = { readonly arrivals: string; readonly copies: string };

/**
 * Deploys bucket → queue → function → bucket, with the sizes and the event source of verify-arrivals, beside
 * the stack.
 */
export async function deployPeer(stack: { endpoint: string; region: string }): Promise<Peer> {
  const root = rootOf(stack);
  const file = (await bundleFiles([new URL('./copy.ts', import.meta.url).pathname])).get('copy')?.file ?? '';
  const code = archive([{ name: 'copy.js', content: await readFile(file), isDeflated: true }]);
  const s3 = new S3Client(root);
  await s3.send(new CreateBucketCommand({ Bucket: CODE }));
  await s3.send(new PutObjectCommand({ Bucket: CODE, Key: 'copy.zip', Body: code }));
  s3.destroy();

  const cloudFormation = new CloudFormationClient(root);
  await cloudFormation.send(
    new CreateStackCommand({
      StackName: 'peer',
      Capabilities: ['CAPABILITY_IAM'],
      TemplateBody: JSON.stringify(template()),
    }),
  );
  await waitUntilStackCreateComplete(
    { client: cloudFormation, maxWaitTime: 120, minDelay: 1, maxDelay: 1 },
    { StackName: 'peer' },
  );
  cloudFormation.destroy();
  return { arrivals: 'peer-arrivals', copies: 'peer-copies' };
}

function template() {
  const allow = (Action: string | readonly string[], Resource: unknown) => ({
    Effect: 'Allow',
    Action,
    Resource,
  });
  const attribute = (name: string) => ({ 'Fn::GetAtt': [name, 'Arn'] });
  return {
    Resources: {
      Copies: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'peer-copies' } },
      Queue: { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: 25 } },
      QueuePolicy: {
        Type: 'AWS::SQS::QueuePolicy',
        Properties: {
          Queues: [{ Ref: 'Queue' }],
          PolicyDocument: {
            Version: '2012-10-17',
            Statement: [
              {
                ...allow('sqs:SendMessage', attribute('Queue')),
                Principal: { Service: 's3.amazonaws.com' },
              },
            ],
          },
        },
      },
      Arrivals: {
        Type: 'AWS::S3::Bucket',
        DependsOn: 'QueuePolicy',
        Properties: {
          BucketName: 'peer-arrivals',
          NotificationConfiguration: {
            QueueConfigurations: [{ Event: 's3:ObjectCreated:*', Queue: attribute('Queue') }],
          },
        },
      },
      Role: {
        Type: 'AWS::IAM::Role',
        Properties: {
          AssumeRolePolicyDocument: {
            Version: '2012-10-17',
            Statement: [
              { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
            ],
          },
          Policies: [
            {
              PolicyName: 'peer',
              PolicyDocument: {
                Version: '2012-10-17',
                Statement: [
                  allow(['s3:GetObject', 's3:PutObject', 's3:ListBucket'], '*'),
                  allow(
                    ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
                    attribute('Queue'),
                  ),
                  allow(['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'], '*'),
                ],
              },
            },
          ],
        },
      },
      Copy: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          Runtime: 'nodejs24.x',
          Handler: 'copy.handler',
          Role: attribute('Role'),
          Code: { S3Bucket: CODE, S3Key: 'copy.zip' },
          Timeout: 25,
          MemorySize: 1024,
          Environment: { Variables: { COPIES: 'peer-copies' } },
        },
      },
      Source: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: {
          EventSourceArn: attribute('Queue'),
          FunctionName: { Ref: 'Copy' },
          BatchSize: 5,
          ScalingConfig: { MaximumConcurrency: 20 },
        },
      },
    },
  };
}
