import {
  ContinuousBackupsUnavailableException,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  ListTagsOfResourceCommand,
  ResourceNotFoundException,
  type TableDescription,
  TagResourceCommand,
  UpdateContinuousBackupsCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import type { TableSettings } from './recover.ts';

/** Every table of the stack forgets its rows by this attribute. */
const FORGET_AT = 'forgetAt';

/** Undefined where there is no such table. */
export async function describeTable(
  dynamo: DynamoDBClient,
  name: string,
): Promise<TableDescription | undefined> {
  try {
    return (await dynamo.send(new DescribeTableCommand({ TableName: name }))).Table;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

/**
 * Sets one thing of a table that is not as the template has it. DynamoDB takes one change of a table at a
 * time, so this is called until nothing is left. The stream comes first: what is written before it is there
 * is in no stream.
 * @returns what was set; undefined where all is well
 */
export async function mendTable(
  dynamo: DynamoDBClient,
  name: string,
  { hasStream, isProtected, tags }: TableSettings,
): Promise<string | undefined> {
  const TableName = name;
  const table = await describeTable(dynamo, name);
  if (hasStream && table?.StreamSpecification?.StreamEnabled !== true) {
    const StreamSpecification = { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' } as const;
    await dynamo.send(new UpdateTableCommand({ TableName, StreamSpecification }));
    return 'its stream is on';
  }
  if (isProtected && table?.DeletionProtectionEnabled !== true) {
    await dynamo.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: true }));
    return 'it is protected from deletion';
  }
  const { TimeToLiveDescription } = await dynamo.send(new DescribeTimeToLiveCommand({ TableName }));
  if (!/^ENABL/.test(TimeToLiveDescription?.TimeToLiveStatus ?? '')) {
    const TimeToLiveSpecification = { AttributeName: FORGET_AT, Enabled: true };
    await dynamo.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
    return `rows are forgotten by ${FORGET_AT}`;
  }
  if (!(await isRecoverable(dynamo, TableName))) {
    return (await makeRecoverable(dynamo, TableName))
      ? 'point-in-time recovery is on'
      : 'point-in-time recovery cannot be turned on yet';
  }
  const missing = await missingTags(dynamo, table?.TableArn ?? '', tags);
  if (missing.length > 0) {
    await dynamo.send(new TagResourceCommand({ ResourceArn: table?.TableArn, Tags: missing }));
    return `it has its tags: ${missing.map(({ Key }) => Key).join(', ')}`;
  }
  return undefined;
}

async function isRecoverable(dynamo: DynamoDBClient, TableName: string): Promise<boolean> {
  const { ContinuousBackupsDescription: backups } = await dynamo.send(
    new DescribeContinuousBackupsCommand({ TableName }),
  );
  return backups?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus === 'ENABLED';
}

/** False while DynamoDB still prepares it: a new table has no backups at once. */
async function makeRecoverable(dynamo: DynamoDBClient, TableName: string): Promise<boolean> {
  try {
    const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: true };
    await dynamo.send(new UpdateContinuousBackupsCommand({ TableName, PointInTimeRecoverySpecification }));
    return true;
  } catch (error) {
    if (error instanceof ContinuousBackupsUnavailableException) return false;
    throw error;
  }
}

async function missingTags(dynamo: DynamoDBClient, ResourceArn: string, tags: TableSettings['tags']) {
  const { Tags = [] } = await dynamo.send(new ListTagsOfResourceCommand({ ResourceArn }));
  const there = new Map(Tags.map(({ Key, Value }) => [Key, Value]));
  return Object.entries(tags)
    .filter(([key, value]) => there.get(key) !== value)
    .map(([Key, Value]) => ({ Key, Value }));
}
