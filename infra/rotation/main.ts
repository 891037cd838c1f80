// npm run rotate-key -- --stage <stage> --key <which>: docs/operating.md, "Keys and secrets".
import { CloudFormationClient, DescribeStackResourceCommand } from '@aws-sdk/client-cloudformation';
import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { complain, readOptions } from '../command.ts';
import { KEYS, type KeyName, type KeyPair, rotate } from './rotate.ts';

const USAGE = `npm run rotate-key -- --stage <stage> --key ${Object.keys(KEYS).join('|')} [--leaked | --end] [--dry-run]`;

const options = readOptions(USAGE, {
  key: { type: 'string' },
  leaked: { type: 'boolean', default: false },
  end: { type: 'boolean', default: false },
  'dry-run': { type: 'boolean', default: false },
});
const { stage, leaked, end, 'dry-run': isDryRun } = options;
const key = Object.keys(KEYS).find((name) => name === options.key) as KeyName | undefined;
if (key === undefined) complain(`Usage: ${USAGE}`);
if (leaked && end) complain('--leaked and --end exclude each other.');

const { logicalId, next } = KEYS[key];
const secrets = new SecretsManagerClient({});
const { StackResourceDetail } = await new CloudFormationClient({}).send(
  new DescribeStackResourceCommand({ StackName: `sluice-${stage}`, LogicalResourceId: logicalId }),
);
const SecretId = StackResourceDetail?.PhysicalResourceId;
const { SecretString = '' } = await secrets.send(new GetSecretValueCommand({ SecretId }));
let changed: KeyPair;
try {
  changed = rotate(JSON.parse(SecretString), leaked ? 'leaked' : end ? 'end' : 'rotate');
} catch (error) {
  complain((error as Error).message);
}
if (isDryRun) {
  console.log(`${logicalId} could be changed so. Nothing was changed.`);
} else {
  await secrets.send(new PutSecretValueCommand({ SecretId, SecretString: JSON.stringify(changed) }));
  const done = end || leaked ? 'What was signed by the one before is refused within five minutes.' : next;
  console.log(`Done: ${logicalId} has ${end ? 'one value' : 'a new value'}. ${done}`);
}
