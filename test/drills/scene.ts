// The stack that a drill is made on, as who makes the trouble, who operates it, and who looks at it see it.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { ApiOptions } from '@sluice/client/api';
import { type BatchClient, createBatchClient } from '@sluice/client/batch';
import { clientCredentials } from '@sluice/client/node';
import { deployTo, type Wishes } from '../../local/deploy.ts';
import { tailOf } from '../../local/obstacle.ts';
import { readService } from '../../local/users.ts';
import { createLedger } from '../../src/lib/aws/ledger.ts';
import type { Ledger } from '../../src/lib/upload/ports.ts';
import { rootOf } from '../contract/root.ts';
import type { OwnStack, TestStack } from '../setup/local-stack.ts';
import { ageObjects, ageRows } from './age.ts';
import { MOST_COMMANDS, type Ran, runCommand, toLocal } from './command.ts';
import { createSender, type Sender } from './sender.ts';

export type Scene = Sender & {
  readonly stack: TestStack;
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly dynamo: DynamoDBClient;
  readonly lambda: LambdaClient;
  /** the ledger, as the functions have it */
  readonly ledger: Ledger;
  /** what a client of the API needs, as the service of the stack, which acts for any owner */
  readonly access: ApiOptions;
  /** the API; a hundred calls go as one */
  readonly service: BatchClient;
  /** for what commands write; gone afterwards */
  readonly folder: string;
  /** tells who watches the drill */
  readonly say: (text: string) => void;
  /**
   * Runs a command of the drill. Throws if the drill has no such command, at the fourth one, and where it
   * does not end with 0.
   * @param fill what its `<names>` are
   */
  readonly run: (command: string, fill?: Readonly<Record<string, string>>) => Promise<Ran>;
  /**
   * Deploys the stack as `npx serverless deploy` of a drill does, which here needs parameters of the local
   * stage. It counts as that command.
   */
  readonly deploy: (wishes: Wishes) => Promise<Ran>;
  /** Deploys the stack as part of the trouble, which is no command of the cure. */
  readonly redeploy: (wishes: Wishes) => Promise<void>;
  /**
   * Lets so much time pass for all objects, and for the rows of the ledger. The stack is stopped and started
   * again for it.
   */
  readonly age: (ms: number) => Promise<void>;
};

const DEPLOY = 'npx serverless deploy --stage prod';

/**
 * Opens a stack for a drill.
 * @param onRun called after each command of the cure
 */
export async function openScene(
  { stack, folders, restart }: OwnStack<TestStack>,
  drill: { readonly commands: readonly string[] },
  how: {
    readonly folder: string;
    readonly say: (text: string) => void;
    readonly onRun: (ran: Ran) => void;
  },
): Promise<Scene> {
  const root = rootOf(stack);
  const dynamo = new DynamoDBClient(root);
  const { folder, say, onRun } = how;
  const access = { endpoint: stack.apiUrl, token: clientCredentials(await readService(stack)) };
  let count = 0;
  const runAs = async (command: string, work: () => Promise<Ran>): Promise<Ran> => {
    if (!drill.commands.includes(command)) throw new Error(`The drill has no such command: ${command}`);
    count += 1;
    if (count > MOST_COMMANDS) throw new Error(`More than ${MOST_COMMANDS} commands: ${command}`);
    const ran = await work();
    onRun(ran);
    if (ran.code !== 0)
      throw new Error(`${ran.command} ended with ${ran.code}:\n${tailOf(ran.out)}\n${tailOf(ran.err)}`);
    return ran;
  };
  return {
    stack,
    s3: new S3Client(root),
    sqs: new SQSClient(root),
    dynamo,
    access,
    ledger: createLedger(dynamo, stack.table, stack.grantsTable),
    lambda: new LambdaClient(root),
    service: createBatchClient(access),
    ...createSender(access),
    folder,
    say,
    run: (command, fill = {}) => runAs(command, () => runCommand(toLocal(command, fill), stack, folder)),
    deploy: (wishes) =>
      runAs(DEPLOY, async () => {
        const began = performance.now();
        await deployTo(stack.endpoint, folders, wishes);
        const seconds = (performance.now() - began) / 1000;
        return { command: toLocal(DEPLOY, {}), seconds, code: 0, out: '', err: '' };
      }),
    redeploy: (wishes) => deployTo(stack.endpoint, folders, wishes),
    age: async (ms) => {
      await ageRows(dynamo, stack.table, ms);
      await restart(() => ageObjects(folders, ms));
    },
  };
}
