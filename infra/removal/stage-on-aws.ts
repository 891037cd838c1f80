import {
  type CloudFormationClient,
  DeleteStackCommand,
  DescribeStacksCommand,
  GetTemplateCommand,
  paginateListStackResources,
} from '@aws-sdk/client-cloudformation';
import {
  type CognitoIdentityProviderClient,
  DeleteUserPoolCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { DeleteTableCommand, type DynamoDBClient, UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import { DeleteBucketCommand, type S3Client } from '@aws-sdk/client-s3';
import { emptyBucket } from './empty-bucket.ts';
import type { Resource, Stage } from './remove.ts';

export type Clients = {
  readonly cloudFormation: CloudFormationClient;
  readonly cognito: CognitoIdentityProviderClient;
  readonly dynamo: DynamoDBClient;
  readonly s3: S3Client;
};

type Template = { readonly Resources: Readonly<Record<string, { readonly DeletionPolicy?: string }>> };

/** A stage as AWS has it. */
export function createStage({ cloudFormation, cognito, dynamo, s3 }: Clients, stackName: string): Stage {
  return {
    async readStatus() {
      try {
        const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName: stackName }));
        return Stacks?.[0]?.StackStatus;
      } catch (error) {
        if ((error as Error).message.includes('does not exist')) return undefined;
        throw error;
      }
    },

    async readResources() {
      const { TemplateBody = '{}' } = await cloudFormation.send(
        new GetTemplateCommand({ StackName: stackName }),
      );
      const { Resources } = JSON.parse(TemplateBody) as Template;
      const resources: Resource[] = [];
      for await (const { StackResourceSummaries = [] } of paginateListStackResources(
        { client: cloudFormation },
        { StackName: stackName },
      )) {
        for (const { LogicalResourceId: logicalId = '', ...one } of StackResourceSummaries) {
          if (one.ResourceStatus === 'DELETE_COMPLETE') continue;
          resources.push({
            logicalId,
            type: one.ResourceType ?? '',
            name: one.PhysicalResourceId ?? '',
            isKept: Resources[logicalId]?.DeletionPolicy === 'Retain',
          });
        }
      }
      return resources;
    },

    empty: (bucket) => emptyBucket(s3, bucket),

    async deleteStack() {
      await cloudFormation.send(new DeleteStackCommand({ StackName: stackName }));
    },

    async removeKept({ type, name }) {
      switch (type) {
        case 'AWS::S3::Bucket':
          return removeBucket(s3, name);
        case 'AWS::DynamoDB::Table':
          await dynamo.send(new UpdateTableCommand({ TableName: name, DeletionProtectionEnabled: false }));
          await dynamo.send(new DeleteTableCommand({ TableName: name }));
          return true;
        case 'AWS::Cognito::UserPool':
          await cognito.send(new DeleteUserPoolCommand({ UserPoolId: name }));
          return true;
        default:
          return false;
      }
    },
  };
}

/** False if some of its objects are locked, as those of the audit trail are. */
async function removeBucket(s3: S3Client, name: string): Promise<boolean> {
  await emptyBucket(s3, name);
  try {
    await s3.send(new DeleteBucketCommand({ Bucket: name }));
    return true;
  } catch (error) {
    if ((error as Error).name === 'BucketNotEmpty') return false;
    throw error;
  }
}
