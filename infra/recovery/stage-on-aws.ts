import {
  type CloudFormationClient,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  GetTemplateCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import {
  type DynamoDBClient,
  ListBackupsCommand,
  RestoreTableFromBackupCommand,
  RestoreTableToPointInTimeCommand,
} from '@aws-sdk/client-dynamodb';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { publishSince } from './publish-since.ts';
import { CannotRestore, type Stage, type TableSettings } from './recover.ts';
import { attachStream, isRead } from './stream.ts';
import { describeTable, mendTable } from './table.ts';

export type Clients = {
  readonly cloudFormation: CloudFormationClient;
  readonly dynamo: DynamoDBClient;
  readonly lambda: LambdaClient;
  readonly sqs: SQSClient;
};

const PARAMETER = 'LedgerRestored';
const LEDGER = 'LedgerTable';
const TABLE = 'AWS::DynamoDB::Table';
const MAPPING = 'AWS::Lambda::EventSourceMapping';

type Template = {
  readonly Conditions?: Readonly<Record<string, { readonly 'Fn::Equals'?: readonly [string, string] }>>;
  readonly Resources: Readonly<Record<string, { readonly Properties?: Readonly<Record<string, unknown>> }>>;
};

/** A stage as CloudFormation, DynamoDB, Lambda and SQS have it. */
export function createStage({ cloudFormation, dynamo, lambda, sqs }: Clients, stackName: string): Stage {
  const readStack = async () => {
    const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName: stackName }));
    const stack = Stacks?.[0];
    if (stack === undefined) throw new CannotRestore(`There is no stack ${stackName} in this region.`);
    return stack;
  };
  const readResources = async (type: string) => {
    const { StackResources = [] } = await cloudFormation.send(
      new DescribeStackResourcesCommand({ StackName: stackName }),
    );
    return StackResources.filter(({ ResourceType }) => ResourceType === type).map(
      ({ LogicalResourceId: logicalId = '', PhysicalResourceId: name = '' }) => ({ logicalId, name }),
    );
  };
  const readTables = () => readResources(TABLE);
  const readTemplate = async (): Promise<Template> => {
    const { TemplateBody = '{}' } = await cloudFormation.send(
      new GetTemplateCommand({ StackName: stackName }),
    );
    return JSON.parse(TemplateBody);
  };
  const ledgerName = async () =>
    (await readTables()).find(({ logicalId }) => logicalId === LEDGER)?.name ?? '';
  const streamOf = async () => (await describeTable(dynamo, await ledgerName()))?.LatestStreamArn;

  return {
    readTables,
    readStatus: async () => (await readStack()).StackStatus ?? '',
    readTable: async (name) => (await describeTable(dynamo, name))?.TableStatus,

    async readSettings(logicalId): Promise<TableSettings> {
      const [{ Conditions = {}, Resources }, { Tags = [] }] = await Promise.all([
        readTemplate(),
        readStack(),
      ]);
      const properties = Resources[logicalId]?.Properties ?? {};
      const [left, right] = Conditions.TableProtected?.['Fn::Equals'] ?? [];
      return {
        isProtected: 'DeletionProtectionEnabled' in properties && left === right,
        hasStream: 'StreamSpecification' in properties,
        // As CloudFormation gives them to each resource; its own, it alone can give.
        tags: Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value])),
      };
    },

    async findBackup(name) {
      const found: { arn: string; madeAt: number }[] = [];
      let from: string | undefined;
      do {
        const { BackupSummaries = [], LastEvaluatedBackupArn } = await dynamo.send(
          new ListBackupsCommand({
            TableName: name,
            BackupType: 'ALL',
            ...(from !== undefined && { ExclusiveStartBackupArn: from }),
          }),
        );
        for (const { BackupArn, BackupName, BackupStatus, BackupCreationDateTime } of BackupSummaries) {
          if (BackupArn === undefined || BackupName !== `${name}$DeletedTableBackup`) continue;
          if (BackupStatus === 'AVAILABLE')
            found.push({ arn: BackupArn, madeAt: BackupCreationDateTime?.getTime() ?? 0 });
        }
        from = LastEvaluatedBackupArn;
      } while (from !== undefined);
      return found.toSorted((a, b) => b.madeAt - a.madeAt)[0];
    },

    async restore(name, backup) {
      await dynamo.send(new RestoreTableFromBackupCommand({ TargetTableName: name, BackupArn: backup }));
    },

    async restoreAt(name, target, at) {
      await dynamo.send(
        new RestoreTableToPointInTimeCommand({
          SourceTableName: name,
          TargetTableName: target,
          ...(at === undefined ? { UseLatestRestorableTime: true } : { RestoreDateTime: at }),
        }),
      );
    },

    mend: (name, settings) => mendTable(dynamo, name, settings),

    async isPublishing() {
      const stream = await streamOf();
      return stream !== undefined && (await isRead(lambda, stream));
    },

    async refreshStream() {
      const { Parameters = [] } = await readStack();
      if (!Parameters.some(({ ParameterKey }) => ParameterKey === PARAMETER)) return;
      await cloudFormation.send(
        new UpdateStackCommand({
          StackName: stackName,
          UsePreviousTemplate: true,
          Capabilities: ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM'],
          Parameters: Parameters.map(({ ParameterKey }) =>
            ParameterKey === PARAMETER
              ? { ParameterKey, ParameterValue: new Date().toISOString() }
              : { ParameterKey, UsePreviousValue: true },
          ),
        }),
      );
    },

    async attachStream() {
      const stream = await streamOf();
      if (stream === undefined) throw new CannotRestore('The ledger has no stream. Run this again.');
      const mappings = await readResources(MAPPING);
      await attachStream(
        lambda,
        stream,
        mappings.map(({ name }) => name),
      );
    },

    async publishSinceBackup() {
      const table = await ledgerName();
      const { RestoreDateTime } = (await describeTable(dynamo, table))?.RestoreSummary ?? {};
      if (RestoreDateTime === undefined) return 0;
      const queue = (await readStack()).Outputs?.find(({ OutputKey }) => OutputKey === 'EventRetryQueueUrl');
      const queueUrl = queue?.OutputValue ?? '';
      return publishSince({ dynamo, sqs }, { table, queueUrl }, RestoreDateTime.getTime());
    },
  };
}
