import { createTeller, type Telling } from '../tell.ts';

/** A resource of the stack. */
export type Resource = {
  readonly logicalId: string;
  /** CloudFormation's own name of it: `AWS::S3::Bucket` */
  readonly type: string;
  /** what it is called in its own service */
  readonly name: string;
  /** outlives the stack */
  readonly isKept: boolean;
};

/** The deployed stage. Whatever removes something may be repeated. */
export type Stage = {
  /** CloudFormation's word for how the stack stands; undefined once there is none */
  readStatus(): Promise<string | undefined>;
  readResources(): Promise<readonly Resource[]>;
  /** Removes every version of every object of a bucket, and what is still being sent to it. */
  empty(bucket: string): Promise<number>;
  /** Begins to delete the stack. */
  deleteStack(): Promise<void>;
  /** Removes what outlived the stack. False if it may not be removed yet. */
  removeKept(resource: Resource): Promise<boolean>;
};

export type Removal = Telling & {
  readonly stage: Stage;
  readonly pause: (ms: number) => Promise<unknown>;
  /** Asks for a text that shows that this is meant. */
  readonly ask: (question: string) => Promise<string>;
};

/** Why a stage is not removed, and what to do. */
export class CannotRemove extends Error {
  override readonly name = 'CannotRemove';
}

const LOOK_EVERY_MS = 2_000;
const BUCKET = 'AWS::S3::Bucket';
const TRIES = 5;

/** What is paid for what stays, by its type. */
const COSTS: Readonly<Record<string, string>> = {
  [BUCKET]: 'about 23 dollars a month for a terabyte',
  'AWS::DynamoDB::Table': 'about 25 cents a month for a gigabyte, and 20 more for point-in-time recovery',
  'AWS::Cognito::UserPool': 'nothing, while nobody signs in',
};

/**
 * Deletes the stack of a stage, once somebody has typed the stage's name. Its buckets are emptied first, but
 * for those that are kept. `withData` removes these and the other kept ones as well, after the stack.
 * @returns what outlives it
 */
export async function remove(
  removal: Removal,
  stageName: string,
  { withData = false, isDryRun = false } = {},
): Promise<readonly Resource[]> {
  const { stage, report, ask } = removal;
  const status = await stage.readStatus();
  if (status === undefined) throw new CannotRemove('There is no such stack in this region.');
  if (status.endsWith('_IN_PROGRESS') && status !== 'DELETE_IN_PROGRESS') {
    throw new CannotRemove(`The stack is being changed (${status}). Wait for its end, then run this again.`);
  }
  const resources = await stage.readResources();
  const kept = resources.filter(({ isKept }) => isKept);
  const emptied = resources.filter(({ type, isKept }) => type === BUCKET && !isKept);
  report(`${resources.length - kept.length} resources go, with all objects of these buckets:`);
  for (const { logicalId, name } of emptied) report(`  ${logicalId}  ${name}`);
  report(withData ? 'These go as well, with all that users have stored:' : 'These stay, and cost:');
  for (const { logicalId, name, type } of kept) {
    report(`  ${logicalId}  ${name}${withData ? '' : `: ${COSTS[type] ?? 'see its service'}`}`);
  }
  if (isDryRun) return withData ? [] : kept;
  const typed = await ask(`Type ${stageName} to remove it${withData ? ' WITH ALL DATA' : ''}: `);
  if (typed.trim() !== stageName)
    throw new CannotRemove('That is not the name of the stage. Nothing was changed.');

  await deleteStack(removal, emptied);
  if (!withData) return kept;
  const left: Resource[] = [];
  for (const resource of kept) {
    const isGone = await stage.removeKept(resource);
    report(
      `${resource.logicalId} ${isGone ? 'is removed' : 'is locked, and stays until its objects are older than that'}.`,
    );
    if (!isGone) left.push(resource);
  }
  return left;
}

/** Files arrive until the functions are gone: what came meanwhile is removed again. */
async function deleteStack(removal: Removal, emptied: readonly Resource[]): Promise<void> {
  const { stage, report, pause } = removal;
  for (let tries = 0; tries < TRIES; tries += 1) {
    for (const { logicalId, name } of emptied)
      report(`  ${await stage.empty(name)} removed from ${logicalId}`);
    await stage.deleteStack();
    const tell = createTeller(removal);
    let status = await stage.readStatus();
    for (; status?.endsWith('_IN_PROGRESS'); status = await stage.readStatus()) {
      tell(`  CloudFormation: ${status}`);
      await pause(LOOK_EVERY_MS);
    }
    if (status === undefined || status === 'DELETE_COMPLETE') return;
    report(`  CloudFormation: ${status}; once more`);
  }
  throw new CannotRemove(
    'CloudFormation could not delete the stack. Its events say why; then run this again.',
  );
}
