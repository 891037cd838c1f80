// npm run key-policy -- --stage <stage> --account <number> [--region <region>] [--check <file>]: prints the
// policy that the stage's key needs, or says what the key's own policy lacks of it
// (docs/accounts-and-keys.md).
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { env, exit } from 'node:process';
import { complain, readOptions } from '../command.ts';
import { keyPolicyFor, missingFrom } from './policy.ts';

const USAGE = 'npm run key-policy -- --stage <stage> --account <number> [--region <region>] [--check <file>]';

type Values = Readonly<Record<string, string>>;
// A plugin of serverless is CommonJS, and has no types.
const { readStageFile }: { readStageFile: (folder: string, stage: string) => Values | undefined } =
  createRequire(import.meta.url)('../stage.cjs');

const { stage, account, region, check } = readOptions(USAGE, {
  account: { type: 'string' },
  region: { type: 'string', default: env.AWS_REGION },
  check: { type: 'string' },
});
if (!region || account === undefined || !/^\d{12}$/.test(account)) complain(`Usage: ${USAGE}`);
const parameters = readStageFile(process.cwd(), stage) ?? complain(`There is no stages/${stage}.yml.`);
const wanted = keyPolicyFor({
  region,
  account,
  stack: `sluice-${stage}`,
  ownBuckets: !parameters.s3Endpoint,
  cloudFront: parameters.cloudFront === 'true',
});
if (check === undefined) {
  console.log(JSON.stringify(wanted, undefined, 2));
} else {
  const missing = missingFrom(JSON.parse(readFileSync(check, 'utf8')), wanted);
  for (const statement of missing) {
    console.log(`Nothing there does what this statement does:\n${JSON.stringify(statement, undefined, 2)}`);
  }
  if (missing.length > 0) exit(1);
  console.log('Nothing is missing. Conditions, and statements that deny, were not looked at.');
}
