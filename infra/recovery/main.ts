// npm run restore-table -- --stage <stage>: docs/operating.md, "A table that was deleted".
import { argv, exit } from 'node:process';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import { CannotRestore, recover, restoreBeside } from './recover.ts';
import { createStage } from './stage-on-aws.ts';

const USAGE = `npm run restore-table -- --stage <stage> [--dry-run]
  brings back the tables that were deleted; --backup <arn> names the backup of the one that is missing
npm run restore-table -- --stage <stage> --at <time, or latest> [--table LedgerTable] [--dry-run]
  restores a table as it was, beside it, as sluice-<stage>-restored`;

function complain(text: string): never {
  console.error(text);
  exit(1);
}

function readOptions() {
  try {
    const { values } = parseArgs({
      args: argv.slice(2),
      options: {
        stage: { type: 'string' },
        backup: { type: 'string' },
        at: { type: 'string' },
        table: { type: 'string' },
        'dry-run': { type: 'boolean', default: false },
      },
    });
    const { stage, at, backup, table } = values;
    if (stage === undefined) complain(`Usage: ${USAGE}`);
    if (at !== undefined && backup !== undefined) complain('--at and --backup exclude each other.');
    if (at === undefined && table !== undefined)
      complain('--table is for --at: what is missing, all comes back.');
    const time = at === undefined || at === 'latest' ? undefined : new Date(at);
    if (time !== undefined && Number.isNaN(time.getTime())) {
      complain(`--at is a time like 2026-11-27T03:00:00Z, or latest, and not "${at}".`);
    }
    return { ...values, stage, time };
  } catch (error) {
    return complain(`${(error as Error).message}\nUsage: ${USAGE}`);
  }
}

const { stage, at, time, backup, table, 'dry-run': isDryRun } = readOptions();
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
