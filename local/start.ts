// npm start: Sluice whole on this machine, until Ctrl-C.
import { rm, writeFile } from 'node:fs/promises';
import { argv, stderr, stdout } from 'node:process';
import { deployTo } from './deploy.ts';
import { type Folders, ownFolders } from './folders.ts';
import { followLogs } from './follow.ts';
import { stopGroups } from './group.ts';
import { type MiniStack, requireNotRunning, startMiniStack } from './ministack.ts';
import { Obstacle } from './obstacle.ts';
import { type Options, parseOptions, usage } from './options.ts';
import { requireFreePort } from './port.ts';
import { prepareMiniStack } from './prepare.ts';
import { readStack, type Stack } from './stack.ts';
import { finishStep, step } from './steps.ts';
import { createUser, demoUser } from './users.ts';

function say(text: string) {
  return stdout.write(`${text}\n`);
}

async function start(options: Options, folders: Folders): Promise<never> {
  say('\nSluice on this machine\n');
  await requireNotRunning(folders);
  await requireFreePort(options.port);
  if (options.fresh) await rm(folders.data, { recursive: true, force: true });

  const { launch } = await step(
    'MiniStack',
    () => prepareMiniStack(folders, options.port),
    ({ how }) => how,
  );
  const ministack = await step(
    'Local AWS',
    () => startMiniStack(launch, folders, options.port),
    ({ endpoint }) => endpoint,
  );
  return await Promise.race([ministack.ended, serve(ministack, options, folders)]);
}

async function serve({ endpoint }: MiniStack, options: Options, folders: Folders): Promise<never> {
  const stack = await step(
    'Deployment',
    async () => {
      await deployTo(endpoint, folders);
      return await readStack(endpoint);
    },
    ({ stackName }) => stackName,
  );
  await step(
    'Demo user',
    () => createUser(stack, demoUser),
    () => demoUser.email,
  );
  await writeFile(folders.stackFile, `${JSON.stringify({ ...stack, demo: demoUser }, undefined, 2)}\n`);
  say(welcome(stack));
  return await followLogs(stack, options.verbose, say);
}

function welcome(stack: Stack) {
  return `
  API      ${stack.apiUrl}
  Console  ${stack.consoleUrl}
  Log in   ${demoUser.email}  ${demoUser.password}

  In another terminal:

    npx sluice upload docs/examples/photo.jpg
    npx sluice list

  Ctrl-C stops everything and keeps the data; npm start -- --fresh begins anew.
`;
}

/** Resolves when someone asks for the end: Ctrl-C, a closed terminal, or kill. */
const interrupted = new Promise<'interrupted'>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => resolve('interrupted'));
});

async function main(): Promise<number> {
  try {
    const options = parseOptions(argv.slice(2));
    if (options.help) {
      say(usage);
      return 0;
    }
    const running = start(options, ownFolders());
    running.catch(() => {}); // once interrupted, nobody waits for it
    await Promise.race([running, interrupted]);
    finishStep();
    say('Stopping …');
    await stopGroups();
    say('Stopped. The data are kept in .sluice/data.');
    return 0;
  } catch (error) {
    if (!(error instanceof Obstacle)) throw error;
    stderr.write(`\n${error.message}\n`);
    return 1;
  } finally {
    await stopGroups();
  }
}

process.exit(await main());
