// npm run migrate -- --stage <stage> [--dry-run] [--back]: docs/deploying.md, "Upgrading from 0.1.0".
import { setTimeout } from 'node:timers/promises';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { complain, readOptions } from '../command.ts';
import { CannotMigrate, migrate } from './migrate.ts';
import { createStage } from './stage-on-aws.ts';
import { LAST_STEP } from './steps.ts';

// Longer than any function that lists may run (serverless.yml).
const SETTLE_MS = 90_000;

const USAGE = 'npm run migrate -- --stage <stage> [--dry-run] [--back] [--settle <seconds>]';

const options = readOptions(USAGE, {
  'dry-run': { type: 'boolean', default: false },
  back: { type: 'boolean', default: false },
  settle: { type: 'string', default: String(SETTLE_MS / 1000) },
});
const { stage, back: isBack, 'dry-run': isDryRun, settle } = options;
if (!/^\d+$/.test(settle)) complain(`Usage: ${USAGE}`);
const cloudFormation = new CloudFormationClient({});
const dynamo = new DynamoDBClient({});
try {
  const moves = await migrate(
    {
      stage: createStage({ cloudFormation, dynamo }, `sluice-${stage}`),
      report: (line) => console.log(line),
      pause: setTimeout,
      now: Date.now,
      settleMs: Number(settle) * 1000,
    },
    { isBack, isDryRun },
  );
  const file = `stages/${stage}.yml`;
  if (isDryRun) console.log(`${moves} steps. Nothing was changed.`);
  else if (isBack)
    console.log(
      `Done: the table is that of 0.1.0. Keep ledgerMigration: 0 in ${file}, deploy 0.1.0 and run this once more at once.`,
    );
  else
    console.log(
      `Done: step ${LAST_STEP}. Remove ledgerMigration from ${file}, or the next deployment fails.`,
    );
} catch (error) {
  if (!(error instanceof CannotMigrate)) throw error;
  complain(error.message);
}
