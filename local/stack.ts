import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { stackName } from './deploy.ts';
import { localCredentials, region } from './environment.ts';
import { Obstacle } from './obstacle.ts';

/**
 * A local stack as seen from outside: what the command line tool, the tests and a curious person need to
 * reach it.
 */
export type Stack = {
  readonly endpoint: string;
  readonly region: string;
  readonly stackName: string;
  readonly apiUrl: string;
  readonly consoleUrl: string;
  /** absent where the stack takes the tokens of another issuer */
  readonly userPoolId?: string;
  readonly userPoolClientId?: string;
  readonly serviceClientId?: string;
  readonly buckets: { readonly incoming: string; readonly store: string; readonly quarantine: string };
  readonly queues: {
    readonly arrivals: string;
    readonly arrivalsDeadLetter: string;
    readonly scanResults: string;
  };
  readonly table: string;
  readonly webhooks: { readonly table: string; readonly eventsQueue: string; readonly keySecret: string };
  readonly grantsTable: string;
};

/** A stack with a user pool of its own, which `createUser`, `logIn` and `readService` need. */
export type PoolStack = Stack & {
  readonly userPoolId: string;
  readonly userPoolClientId: string;
  readonly serviceClientId: string;
};

/** Reads the outputs of a stack that has to have a user pool of its own. */
export async function readPoolStack(endpoint: string): Promise<PoolStack> {
  const stack = await readStack(endpoint);
  if (hasPool(stack)) return stack;
  throw new Obstacle(
    `The stack at ${endpoint} takes the tokens of another issuer, and has no users of its own. Start it without --issuer.`,
  );
}

/** True where the stack has a user pool of its own, and does not take the tokens of another issuer. */
export function hasPool(stack: Stack): stack is PoolStack {
  const { userPoolId, userPoolClientId, serviceClientId } = stack;
  return userPoolId !== undefined && userPoolClientId !== undefined && serviceClientId !== undefined;
}

/** Reads the outputs of the deployed stack. Throws when one that others rely on is missing. */
export async function readStack(endpoint: string): Promise<Stack> {
  const cloudFormation = new CloudFormationClient({ endpoint, region, credentials: localCredentials });
  try {
    const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName: stackName }));
    return toStack(endpoint, Stacks?.[0]?.Outputs ?? []);
  } finally {
    cloudFormation.destroy();
  }
}

type Output = { readonly OutputKey?: string | undefined; readonly OutputValue?: string | undefined };

/** Picks the outputs of `serverless.yml` and `infra/` that name what was deployed. */
export function toStack(endpoint: string, outputs: readonly Output[]): Stack {
  const find = (key: string) => outputs.find((output) => output.OutputKey === key)?.OutputValue;
  const read = (key: string): string => {
    const value = find(key);
    if (!value) throw new Error(`The deployed stack ${stackName} has no output ${key}.`);
    return value;
  };
  const [userPoolId, userPoolClientId] = [find('UserPoolId'), find('UserPoolClientId')];
  const serviceClientId = find('ServiceClientId');
  // MiniStack serves an API by its Host header or under this path; the path needs no name resolution.
  const apiUrl = `${endpoint}/_aws/execute-api/${read('HttpApiId')}`;
  return {
    endpoint,
    region,
    stackName,
    apiUrl,
    consoleUrl: `${apiUrl}/`,
    ...(userPoolId && userPoolClientId && { userPoolId, userPoolClientId }),
    ...(serviceClientId && { serviceClientId }),
    buckets: {
      incoming: read('IncomingBucketName'),
      store: read('StoreBucketName'),
      quarantine: read('QuarantineBucketName'),
    },
    queues: {
      arrivals: read('ArrivalsQueueUrl'),
      arrivalsDeadLetter: read('ArrivalsDeadLetterQueueUrl'),
      scanResults: read('ScanResultsQueueUrl'),
    },
    table: read('LedgerTableName'),
    webhooks: {
      table: read('WebhookTableName'),
      eventsQueue: read('WebhookEventsQueueUrl'),
      keySecret: read('WebhookKeyArn'),
    },
    grantsTable: read('GrantsTableName'),
  };
}
