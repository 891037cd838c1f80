import { randomUUID } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CloudFormationClient,
  CreateStackCommand,
  waitUntilStackCreateComplete,
} from '@aws-sdk/client-cloudformation';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { expect, onTestFinished, test, vi } from 'vitest';
import { foldersIn, projectRoot } from '../../local/folders.ts';
import { startMiniStack } from '../../local/ministack.ts';
import { findFreePort } from '../../local/port.ts';
import { prepareMiniStack } from '../../local/prepare.ts';
import { rootOf } from './root.ts';

const TableName = 'followed';
const WITHIN = { timeout: 20_000 };

/** Writes down the keys of the changes that it is told of. Functions are processes of this machine. */
const FOLLOWER = `
const { appendFileSync } = require('node:fs');
exports.handler = async ({ Records }) => {
  for (const { dynamodb } of Records) appendFileSync(process.env.TOLD, dynamodb.Keys.id.S + '\\n');
};
`;

/** A table and a function that follows it, which writes into the file. */
function templateFor(file: string) {
  return {
    Resources: {
      Table: {
        Type: 'AWS::DynamoDB::Table',
        Properties: {
          TableName,
          BillingMode: 'PAY_PER_REQUEST',
          AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
          KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
          StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
        },
      },
      Role: {
        Type: 'AWS::IAM::Role',
        Properties: {
          AssumeRolePolicyDocument: {
            Version: '2012-10-17',
            Statement: [
              {
                Effect: 'Allow',
                Principal: { Service: 'lambda.amazonaws.com' },
                Action: 'sts:AssumeRole',
              },
            ],
          },
        },
      },
      Follower: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          Runtime: 'nodejs24.x',
          Handler: 'index.handler',
          Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
          Code: { ZipFile: FOLLOWER },
          Environment: { Variables: { TOLD: file } },
        },
      },
      Mapping: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: {
          FunctionName: { Ref: 'Follower' },
          EventSourceArn: { 'Fn::GetAtt': ['Table', 'StreamArn'] },
          StartingPosition: 'LATEST',
        },
      },
    },
  };
}

function setup() {
  const folders = foldersIn(join(projectRoot, '.sluice', `test-restart-${randomUUID()}`));
  onTestFinished(() => rm(folders.base, { recursive: true, force: true }));
  const file = join(folders.base, 'told');
  return {
    start: async () => {
      const port = await findFreePort();
      const { launch } = await prepareMiniStack(folders, port);
      const { endpoint, stop } = await startMiniStack(launch, folders, port);
      onTestFinished(stop);
      const root = rootOf({ endpoint, region: 'us-east-1' });
      const dynamo = new DynamoDBClient(root);
      return {
        stop,
        deploy: async () => {
          const [client, StackName] = [new CloudFormationClient(root), 'follower'];
          const TemplateBody = JSON.stringify(templateFor(file));
          await client.send(
            new CreateStackCommand({ StackName, TemplateBody, Capabilities: ['CAPABILITY_IAM'] }),
          );
          await waitUntilStackCreateComplete(
            { client, maxWaitTime: 30, maxDelay: 1, minDelay: 1 },
            { StackName },
          );
        },
        change: (id: string) => dynamo.send(new PutItemCommand({ TableName, Item: { id: { S: id } } })),
      };
    },
    told: async () => (await readFile(file, 'utf8').catch(() => '')).split('\n').filter(Boolean),
  };
}

test('a function that follows a table is told of each change once, also of the first after a restart', async () => {
  const { start, told } = setup();
  const before = await start();
  await before.deploy();
  for (const id of ['a', 'b', 'c']) await before.change(id);
  await vi.waitFor(async () => expect(await told()).toEqual(['a', 'b', 'c']), WITHIN);
  await before.stop();

  const after = await start();
  await after.change('d');
  await vi.waitFor(async () => expect(await told()).toContain('d'), WITHIN);
  await after.change('e');
  await vi.waitFor(async () => expect(await told()).toContain('e'), WITHIN);
  expect(await told()).toEqual(['a', 'b', 'c', 'd', 'e']);
}, 120_000);
