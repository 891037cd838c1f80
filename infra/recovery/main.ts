// npm run restore-table -- --stage <stage>: docs/operating.md, "A table that was deleted".
import { setTimeout } from 'node:timers/promises';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import { complain, readOptions } from '../command.ts';
import { CannotRestore, recover, restoreBeside } from './recover.ts';
import { createStage } from './stage-on-aws.ts';

const USAGE = `npm run restore-table -- --stage <stage> [--dry-run]
  brings back the tables that were deleted; --backup <arn> names the backup of the one that is missing
npm run restore-table -- --stage <stage> --at <time, or latest> [--table LedgerTable] [--dry-run]
  restores a table as it was, beside it, as sluice-<stage>-restored`;

const options = readOptions(USAGE, {
  backup: { type: 'string' },
  at: { type: 'string' },
  table: { type: 'string' },
  'dry-run': { type: 'boolean', default: false },
});
const { stage, at, backup, table, 'dry-run': isDryRun } = options;
if (at !== undefined && backup !== undefined) complain('--at and --backup exclude each other.');
if (at === undefined && table !== undefined)
  complain('--table is for --at: what is missing, all comes back.');
const time = at === undefined || at === 'latest' ? undefined : new Date(at);
if (time !== undefined && Number.isNaN(time.getTime())) {
  complain(`--at is a time like 2026-11-27T03:00:00Z, or latest, and not "${at}".`);
}

const clients = {
  cloudFormation: new CloudFormationClient({}),
  dynamo: new DynamoDBClient({}),
  lambda: new LambdaClient({}),
  sqs: new SQSClient({}),
};
const recovery = {
  stage: createStage(clients, `sluice-${stage}`),
  report: (line: string) => console.log(line),
  pause: setTimeout,
  now: Date.now,
};
try {
  if (at !== undefined) {
    const target = `sluice-${stage}-restored`;
    const which = table === undefined ? {} : { logicalId: table };
    await restoreBeside(recovery, { target, at: time, isDryRun, ...which });
    if (!isDryRun) console.log(`Done: ${target} is there. Remove it when you are done with it.`);
  } else {
    const missing = await recover(recovery, { backup, isDryRun });
    if (isDryRun) console.log(`${missing} tables would be restored. Nothing was changed.`);
    else console.log('Done: every table is there, and as the template has it.');
  }
} catch (error) {
  if (!(error instanceof CannotRestore)) throw error;
  complain(error.message);
}
