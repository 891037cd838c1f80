import {
  type CloudFormationClient,
  DescribeStackResourceCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { DescribeTableCommand, type DynamoDBClient, UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import { CannotMigrate, type Stage } from './migrate.ts';
import { findMisread, takeOffDue } from './rows.ts';

const PARAMETER = 'LedgerMigration';

/** A stage as CloudFormation and DynamoDB have it. */
export function createStage(
  { cloudFormation, dynamo }: { cloudFormation: CloudFormationClient; dynamo: DynamoDBClient },
  stackName: string,
): Stage {
  const readStack = async () => {
    const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName: stackName }));
    const stack = Stacks?.[0];
    if (stack === undefined) throw new CannotMigrate(`There is no stack ${stackName} in this region.`);
    return stack;
  };

  let known: string | undefined;
  const tableName = async (): Promise<string> => {
    if (known !== undefined) return known;
    const { StackResourceDetail } = await cloudFormation.send(
      new DescribeStackResourceCommand({ StackName: stackName, LogicalResourceId: 'LedgerTable' }),
    );
    known = StackResourceDetail?.PhysicalResourceId;
    if (known === undefined) throw new CannotMigrate(`The stack ${stackName} has no table LedgerTable.`);
    return known;
  };

  return {
    async readStack() {
      const { StackStatus = '', Parameters = [] } = await readStack();
      const step = Parameters.find(({ ParameterKey }) => ParameterKey === PARAMETER)?.ParameterValue;
      return { status: StackStatus, step: step === undefined ? undefined : Number(step) };
    },

    async update(step) {
      const { Parameters = [] } = await readStack();
      await cloudFormation.send(
        new UpdateStackCommand({
          StackName: stackName,
          UsePreviousTemplate: true,
          // The template has roles, which this update leaves as they are, but for the indexes that they name.
          Capabilities: ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM'],
          Parameters: Parameters.map(({ ParameterKey }) =>
            ParameterKey === PARAMETER
              ? { ParameterKey, ParameterValue: String(step) }
              : { ParameterKey, UsePreviousValue: true },
          ),
        }),
      );
    },

    async readIndexes() {
      const { Table } = await dynamo.send(new DescribeTableCommand({ TableName: await tableName() }));
      return new Map(
        (Table?.GlobalSecondaryIndexes ?? []).map(({ IndexName = '', IndexStatus, Backfilling }) => [
          IndexName,
          // The local stack names no status of an index that CloudFormation has made: it can be read at once.
          {
            isActive: IndexStatus !== 'CREATING' && IndexStatus !== 'DELETING',
            isBackfilling: Backfilling === true,
          },
        ]),
      );
    },

    findMisread: async () => findMisread(dynamo, await tableName()),

    takeOffDue: async (ids) => takeOffDue(dynamo, await tableName(), ids),

    async removeIndex(name) {
      await dynamo.send(
        new UpdateTableCommand({
          TableName: await tableName(),
          GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: name } }],
        }),
      );
    },
  };
}
