// One local stack for the contract and the end-to-end tests of a run, with data that are thrown away at its
// end.
import { randomUUID } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { deployTo, type Wishes } from '../../local/deploy.ts';
import { type Folders, foldersIn, projectRoot } from '../../local/folders.ts';
import { startMiniStack } from '../../local/ministack.ts';
import { findFreePort } from '../../local/port.ts';
import { prepareMiniStack } from '../../local/prepare.ts';
import { type PoolStack, readPoolStack, type Stack } from '../../local/stack.ts';
import { createUser, logIn, type User } from '../../local/users.ts';

export type TestUser = User & { readonly idToken: string };

/** The deployed stack, and two callers who must never see anything of each other's. */
export type TestStack = PoolStack & { readonly alice: TestUser; readonly bob: TestUser };

/** Buckets and the tables, and where they are. */
export type Aws = Pick<Stack, 'endpoint' | 'region' | 'buckets' | 'table' | 'grantsTable'>;

declare module 'vitest' {
  // biome-ignore lint/style/useConsistentTypeDefinitions: Vitest merges its own with it.
  interface ProvidedContext {
    endpoint: string;
    /** what a contract suite needs of an AWS, deployed or not */
    aws: Aws;
    stack: TestStack;
  }
}

type Running = { readonly stack: TestStack; readonly stop: () => Promise<void> };

/** A stack that was started and deployed in a folder of its own. */
export type OwnStack<T> = {
  readonly stack: T;
  readonly folders: Folders;
  readonly stop: () => Promise<void>;
  /** Stops it, does something with what it has kept, and starts it again at the same address. */
  readonly restart: (meanwhile: () => Promise<void>) => Promise<void>;
};

// vitest loads this file once per project; what they share has to live outside of the module.
declare global {
  var sluiceTestStack: { users: number; running: Promise<Running> } | undefined;
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  globalThis.sluiceTestStack ??= { users: 0, running: start() };
  const shared = globalThis.sluiceTestStack;
  shared.users += 1;
  const { stack, stop } = await shared.running;
  project.provide('endpoint', stack.endpoint);
  project.provide('aws', stack);
  project.provide('stack', stack);
  return async () => {
    shared.users -= 1;
    if (shared.users > 0) return;
    globalThis.sluiceTestStack = undefined; // a watch mode's next run starts its own
    await stop();
  };
}

function start(): Promise<Running> {
  const file = process.env.SLUICE_TEST_STACK;
  return file ? reuse(file) : startOwn(`test-${process.pid}`);
}

/**
 * SLUICE_TEST_STACK=.sluice/stack.json: the stack that `npm start` runs, for a quick turn while writing a
 * test.
 */
async function reuse(file: string): Promise<Running> {
  const { endpoint }: Pick<Stack, 'endpoint'> = JSON.parse(await readFile(file, 'utf8'));
  return { stack: await withUsers(await readPoolStack(endpoint)), stop: async () => {} };
}

/** A stack of one's own, with two users, in a folder of `.sluice` that goes with it. */
export function startOwn(name: string, prepare: Prepare = async () => ({})): Promise<OwnStack<TestStack>> {
  return startStack(name, prepare, async (endpoint) => withUsers(await readPoolStack(endpoint)));
}

/** Says how the stack is wanted, knowing where the local AWS is, before anything is deployed to it. */
type Prepare = (endpoint: string) => Promise<Wishes>;

/**
 * Starts and deploys a stack in a folder of its own, which goes when it is stopped. `read` says what is
 * wanted of it.
 */
export async function startStack<T>(
  name: string,
  prepare: Prepare,
  read: (endpoint: string) => Promise<T>,
): Promise<OwnStack<T>> {
  const folders = foldersIn(join(projectRoot, '.sluice', name));
  const port = await findFreePort();
  const { launch } = await prepareMiniStack(folders, port);
  let ministack = await startMiniStack(launch, folders, port);
  try {
    const wishes = await prepare(ministack.endpoint);
    await Promise.race([ministack.ended, deployTo(ministack.endpoint, folders, wishes)]);
    const stack = await read(ministack.endpoint);
    return {
      stack,
      folders,
      stop: async () => {
        await ministack.stop();
        await rm(folders.base, { recursive: true, force: true });
      },
      restart: async (meanwhile) => {
        await ministack.stop();
        await meanwhile();
        ministack = await startMiniStack(launch, folders, port);
      },
    };
  } catch (error) {
    await ministack.stop(); // the logs that the error names stay
    throw error;
  }
}

async function withUsers(stack: PoolStack): Promise<TestStack> {
  const [alice, bob] = await Promise.all([createCaller(stack, 'alice'), createCaller(stack, 'bob')]);
  return { ...stack, alice, bob };
}

async function createCaller(stack: PoolStack, name: string): Promise<TestUser> {
  const user = { email: `${name}@example.com`, password: randomUUID() };
  await createUser(stack, user);
  return { ...user, ...(await logIn(stack, user)) };
}
