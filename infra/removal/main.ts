// npm run remove -- --stage <stage>: docs/deploying.md, "Removing".
import { stdin, stdout } from 'node:process';
import { createInterface } from 'node:readline/promises';
import { setTimeout } from 'node:timers/promises';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { complain, readOptions } from '../command.ts';
import { CannotRemove, remove } from './remove.ts';
import { createStage } from './stage-on-aws.ts';

const USAGE = 'npm run remove -- --stage <stage> [--with-data] [--dry-run]';

async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: stdin, output: stdout });
  try {
    return await lines.question(question);
  } finally {
    lines.close();
  }
}

const options = readOptions(USAGE, {
  'with-data': { type: 'boolean', default: false },
  'dry-run': { type: 'boolean', default: false },
});
const { stage, 'with-data': withData, 'dry-run': isDryRun } = options;
const clients = {
  cloudFormation: new CloudFormationClient({}),
  cognito: new CognitoIdentityProviderClient({}),
  dynamo: new DynamoDBClient({}),
  s3: new S3Client({ forcePathStyle: process.env.AWS_ENDPOINT_URL !== undefined }),
};
try {
  const kept = await remove(
    {
      stage: createStage(clients, `sluice-${stage}`),
      report: (line) => console.log(line),
      pause: setTimeout,
      now: Date.now,
      ask,
    },
    stage,
    { withData, isDryRun },
  );
  if (isDryRun) console.log('Nothing was changed.');
  else console.log(`Done. ${kept.length} resources stay, and belong to no stage any more.`);
} catch (error) {
  if (!(error instanceof CannotRemove)) throw error;
  complain(error.message);
}
