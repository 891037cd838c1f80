import {
  CloudFormationClient,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  GetTemplateCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import {
  ContinuousBackupsUnavailableException,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  ListBackupsCommand,
  ListTagsOfResourceCommand,
  ResourceNotFoundException,
  RestoreTableFromBackupCommand,
  RestoreTableToPointInTimeCommand,
  ScanCommand,
  TagResourceCommand,
  UpdateContinuousBackupsCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import {
  CreateEventSourceMappingCommand,
  DeleteEventSourceMappingCommand,
  GetEventSourceMappingCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
} from '@aws-sdk/client-lambda';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, test } from 'vitest';
import { createStage } from '../../../infra/recovery/stage-on-aws.ts';
import { parseDeadChange } from '../../../src/lib/aws/dead-changes.ts';

const NAME = 'sluice-prod-LedgerTable-1X';
const ARN = `arn:aws:dynamodb:eu-central-1:123456789012:table/${NAME}`;
const STREAM = `${ARN}/stream/2026-11-27T03:00:00.000`;
const OLD_STREAM = `${ARN}/stream/2026-01-01T00:00:00.000`;
const gone = new ResourceNotFoundException({ message: 'gone', $metadata: {} });

function setup() {
  const cloudFormation = mockClient(CloudFormationClient);
  const dynamo = mockClient(DynamoDBClient);
  const lambda = mockClient(LambdaClient);
  const sqs = mockClient(SQSClient);
  cloudFormation.on(DescribeStacksCommand).resolves({
    Stacks: [
      {
        StackName: 'sluice-prod',
        CreationTime: new Date(0),
        StackStatus: 'UPDATE_COMPLETE',
        Tags: [{ Key: 'stage', Value: 'prod' }],
        Parameters: [
          { ParameterKey: 'LedgerMigration', ParameterValue: '7' },
          { ParameterKey: 'LedgerRestored', ParameterValue: 'never' },
        ],
        Outputs: [{ OutputKey: 'EventRetryQueueUrl', OutputValue: 'https://sqs/retries' }],
      },
    ],
  });
  cloudFormation.on(DescribeStackResourcesCommand).resolves({
    StackResources: [
      {
        LogicalResourceId: 'LedgerTable',
        PhysicalResourceId: NAME,
        ResourceType: 'AWS::DynamoDB::Table',
        Timestamp: new Date(0),
        ResourceStatus: 'CREATE_COMPLETE',
      },
      {
        LogicalResourceId: 'StoreBucket',
        PhysicalResourceId: 'store',
        ResourceType: 'AWS::S3::Bucket',
        Timestamp: new Date(0),
        ResourceStatus: 'CREATE_COMPLETE',
      },
      ...['m0', 'm1'].map((PhysicalResourceId) => ({
        LogicalResourceId: PhysicalResourceId,
        PhysicalResourceId,
        ResourceType: 'AWS::Lambda::EventSourceMapping',
        Timestamp: new Date(0),
        ResourceStatus: 'CREATE_COMPLETE' as const,
      })),
    ],
  });
  const stage = createStage(
    {
      cloudFormation: new CloudFormationClient({}),
      dynamo: new DynamoDBClient({}),
      lambda: new LambdaClient({}),
      sqs: new SQSClient({}),
    },
    'sluice-prod',
  );
  return { stage, cloudFormation, dynamo, lambda, sqs };
}

test('the tables are those of the stack, and one that is gone is undefined', async () => {
  const { stage, dynamo } = setup();
  expect(await stage.readTables()).toEqual([{ logicalId: 'LedgerTable', name: NAME }]);
  dynamo.on(DescribeTableCommand).rejects(gone);
  expect(await stage.readTable(NAME)).toBeUndefined();
});

test('the backup is the newest that DynamoDB made at a deletion, on whatever page', async () => {
  const { stage, dynamo } = setup();
  const backup = (
    BackupArn: string,
    day: number,
    name = `${NAME}$DeletedTableBackup`,
    BackupStatus = 'AVAILABLE',
  ) => ({
    BackupArn,
    BackupName: name,
    BackupStatus: BackupStatus as 'AVAILABLE',
    BackupCreationDateTime: new Date(2026, 10, day),
  });
  dynamo
    .on(ListBackupsCommand)
    .resolvesOnce({
      BackupSummaries: [backup('first', 1), backup('by hand', 9, 'mine')],
      LastEvaluatedBackupArn: 'first',
    })
    .resolves({ BackupSummaries: [backup('second', 2), backup('half', 8, undefined, 'CREATING')] });
  expect((await stage.findBackup(NAME))?.arn).toBe('second');
  expect(dynamo.commandCalls(ListBackupsCommand)[1]?.args[0].input.ExclusiveStartBackupArn).toBe('first');
  // Without this DynamoDB lists those that people made, alone.
  expect(dynamo.commandCalls(ListBackupsCommand)[0]?.args[0].input.BackupType).toBe('ALL');
});

test('a table is restored under its own name, and one of a time under another', async () => {
  const { stage, dynamo } = setup();
  dynamo.on(RestoreTableFromBackupCommand).resolves({});
  dynamo.on(RestoreTableToPointInTimeCommand).resolves({});
  await stage.restore(NAME, 'arn');
  await stage.restoreAt(NAME, 'restored', undefined);
  await stage.restoreAt(NAME, 'restored', new Date(5));
  expect(dynamo.commandCalls(RestoreTableFromBackupCommand)[0]?.args[0].input).toEqual({
    TargetTableName: NAME,
    BackupArn: 'arn',
  });
  expect(dynamo.commandCalls(RestoreTableToPointInTimeCommand).map(({ args }) => args[0].input)).toEqual([
    { SourceTableName: NAME, TargetTableName: 'restored', UseLatestRestorableTime: true },
    { SourceTableName: NAME, TargetTableName: 'restored', RestoreDateTime: new Date(5) },
  ]);
});

describe('the settings of a table', () => {
  test.each([
    ['true', 'true', true],
    ['false', 'true', false],
  ])('are those of the template: protected if %s equals %s', async (left, right, isProtected) => {
    const { stage, cloudFormation } = setup();
    cloudFormation.on(GetTemplateCommand).resolves({
      TemplateBody: JSON.stringify({
        Conditions: { TableProtected: { 'Fn::Equals': [left, right] } },
        Resources: {
          LedgerTable: { Properties: { DeletionProtectionEnabled: {}, StreamSpecification: {} } },
          GrantsTable: { Properties: {} },
        },
      }),
    });
    const tags = { stage: 'prod' };
    expect(await stage.readSettings('LedgerTable')).toEqual({ isProtected, hasStream: true, tags });
    expect(await stage.readSettings('GrantsTable')).toEqual({ isProtected: false, hasStream: false, tags });
  });

  test('are mended one by one, the stream first, until nothing is left', async () => {
    const { stage, dynamo } = setup();
    const settings = { isProtected: true, hasStream: true, tags: { stage: 'prod' } };
    let table = { TableName: NAME, TableArn: ARN };
    dynamo.on(DescribeTableCommand).callsFake(() => ({ Table: table }));
    dynamo.on(UpdateTableCommand).callsFake(({ TableName: _name, ...change }) => {
      table = { ...table, ...change };
      return {};
    });
    dynamo
      .on(DescribeTimeToLiveCommand)
      .resolvesOnce({})
      .resolves({
        TimeToLiveDescription: { TimeToLiveStatus: 'ENABLING' },
      });
    dynamo.on(UpdateTimeToLiveCommand).resolves({});
    const off = { ContinuousBackupsDescription: { ContinuousBackupsStatus: 'ENABLED' as const } };
    dynamo
      .on(DescribeContinuousBackupsCommand)
      .resolvesOnce(off)
      .resolvesOnce(off)
      .resolves({
        ContinuousBackupsDescription: {
          ContinuousBackupsStatus: 'ENABLED',
          PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'ENABLED' },
        },
      });
    const notYet = new ContinuousBackupsUnavailableException({ message: 'not yet', $metadata: {} });
    dynamo.on(UpdateContinuousBackupsCommand).rejectsOnce(notYet).resolves({});
    dynamo
      .on(ListTagsOfResourceCommand)
      .resolvesOnce({})
      .resolves({ Tags: [{ Key: 'stage', Value: 'prod' }] });
    dynamo.on(TagResourceCommand).resolves({});
    const said: string[] = [];
    for (
      let what = await stage.mend(NAME, settings);
      what !== undefined;
      what = await stage.mend(NAME, settings)
    ) {
      said.push(what);
    }
    expect(said).toEqual([
      'its stream is on',
      'it is protected from deletion',
      'rows are forgotten by forgetAt',
      'point-in-time recovery cannot be turned on yet',
      'point-in-time recovery is on',
      'it has its tags: stage',
    ]);
    expect(table).toMatchObject({
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
      DeletionProtectionEnabled: true,
    });
  });
});

describe('the stream of the ledger', () => {
  function mapped(...mappings: { EventSourceArn: string; State?: string; FunctionArn?: string }[]) {
    const world = setup();
    world.dynamo.on(DescribeTableCommand).resolves({
      Table: {
        LatestStreamArn: STREAM,
        RestoreSummary: { RestoreDateTime: new Date(500), RestoreInProgress: false },
      },
    });
    const all = mappings.map((mapping, at) => ({
      UUID: `m${at}`,
      State: 'Enabled',
      BatchSize: 100,
      ...mapping,
    }));
    world.lambda.on(ListEventSourceMappingsCommand).callsFake(({ EventSourceArn }) => ({
      EventSourceMappings: all.filter((one) => one.EventSourceArn === EventSourceArn),
    }));
    world.lambda
      .on(GetEventSourceMappingCommand)
      .callsFake(({ UUID }) => all.find((one) => one.UUID === UUID));
    return world;
  }
  const queue = { EventSourceArn: 'arn:aws:sqs:eu-central-1:123456789012:retries' };

  test.each([
    ['by a mapping of it', [{ EventSourceArn: STREAM }], true],
    ['not by one of another stream', [{ EventSourceArn: OLD_STREAM }, queue], false],
    ['not by one that is off', [{ EventSourceArn: STREAM, State: 'Disabled' }], false],
  ])('is read %s', async (_how, mappings, expected) => {
    expect(await mapped(...mappings).stage.isPublishing()).toBe(expected);
  });

  test('is given to the function as the one before was, from its beginning', async () => {
    const { stage, lambda } = mapped(queue, {
      EventSourceArn: OLD_STREAM,
      FunctionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:sluice-prod-publish-events:live',
    });
    lambda.on(CreateEventSourceMappingCommand).resolves({});
    lambda.on(DeleteEventSourceMappingCommand).resolves({});
    await stage.attachStream();
    expect(lambda.commandCalls(CreateEventSourceMappingCommand)[0]?.args[0].input).toMatchObject({
      FunctionName: expect.stringMatching(/publish-events:live$/),
      EventSourceArn: STREAM,
      StartingPosition: 'TRIM_HORIZON',
      BatchSize: 100,
    });
    expect(lambda.commandCalls(DeleteEventSourceMappingCommand)[0]?.args[0].input).toEqual({ UUID: 'm1' });
  });

  test('is looked up again by CloudFormation, which changes nothing else', async () => {
    const { stage, cloudFormation } = setup();
    cloudFormation.on(UpdateStackCommand).resolves({});
    await stage.refreshStream();
    expect(cloudFormation.commandCalls(UpdateStackCommand)[0]?.args[0].input).toMatchObject({
      UsePreviousTemplate: true,
      Parameters: [
        { ParameterKey: 'LedgerMigration', UsePreviousValue: true },
        { ParameterKey: 'LedgerRestored', ParameterValue: expect.stringMatching(/^20/) },
      ],
    });
  });

  test('lacks what was written before it was there: that is published by the queue of retries', async () => {
    const { stage, dynamo, sqs } = mapped();
    const row = (id: string) => ({ id: { S: id }, settledAt: { N: '600' } });
    dynamo
      .on(ScanCommand)
      .resolvesOnce({ Items: [row('a')], LastEvaluatedKey: { id: { S: 'a' } } })
      .resolves({ Items: [row('b')] });
    sqs.on(SendMessageCommand).resolves({});
    expect(await stage.publishSinceBackup()).toBe(2);
    expect(dynamo.commandCalls(ScanCommand)[0]?.args[0].input.ExpressionAttributeValues).toEqual({
      ':at': { N: '500' },
    });
    const sent = sqs.commandCalls(SendMessageCommand).map(({ args }) => args[0].input);
    expect(sent[0]?.QueueUrl).toBe('https://sqs/retries');
    const records = sent.map(({ MessageBody = '' }) => parseDeadChange(MessageBody));
    expect(records.map((record) => record?.dynamodb?.NewImage)).toEqual([row('a'), row('b')]);
    expect(new Set(records.map((record) => record?.dynamodb?.SequenceNumber)).size).toBe(2);
  });
});
