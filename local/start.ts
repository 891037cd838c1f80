// npm start: Sluice whole on this machine, until Ctrl-C.
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { argv, cwd, env, stderr, stdout } from 'node:process';
import { type LocalClamd, requireClamd, startClamd } from './clamav.ts';
import { deployTo, type Wishes } from './deploy.ts';
import { region } from './environment.ts';
import { type Folders, ownFolders } from './folders.ts';
import { followLogs } from './follow.ts';
import { stopGroups } from './group.ts';
import { isHere, requireIssuer } from './issuer.ts';
import { type MiniStack, requireNotRunning, startMiniStack } from './ministack.ts';
import { Obstacle } from './obstacle.ts';
import { type Issuer, type Options, parseOptions, usage } from './options.ts';
import { checkPolicies } from './policies.ts';
import { requireFreePort } from './port.ts';
import { prepareMiniStack } from './prepare.ts';
import { writeScannedPolicies } from './scanned-policies.ts';
import { hasPool, type PoolStack, readStack, type Stack } from './stack.ts';
import { finishStep, remark, step } from './steps.ts';
import { createUser, demoUser, readService, type Service, type User } from './users.ts';
import { describeWebhook, readWebhookSecret } from './webhook.ts';

function say(text: string) {
  return stdout.write(`${text}\n`);
}

async function start(options: Options, folders: Folders): Promise<never> {
  say('\nSluice on this machine\n');
  await requireNotRunning(folders);
  await requireFreePort(options.port);
  await checkWishes(options);
  if (options.fresh) await rm(folders.data, { recursive: true, force: true });

  const { launch, isApart } = await step(
    'MiniStack',
    () => prepareMiniStack(folders, options.port),
    ({ how }) => how,
  );
  if (isApart && options.issuer && isHere(options.issuer.url)) {
    throw new Obstacle(
      `MiniStack runs in Docker, from where ${options.issuer.url} is not this machine. Install Python 3.10 or newer, and it runs without.`,
    );
  }
  if (isApart && options.webhook && isHere(options.webhook)) {
    throw new Obstacle(
      `MiniStack runs in Docker, from where ${options.webhook} is not this machine. Install Python 3.10 or newer, and it runs without.`,
    );
  }
  if (isApart && options.scan.includes('clamav')) {
    throw new Obstacle(
      'MiniStack runs in Docker, from where a clamd of this machine cannot be reached. Install Python 3.10 or newer, and it runs without.',
    );
  }
  const ministack = await step(
    'Local AWS',
    () => startMiniStack(launch, folders, options.port),
    ({ endpoint }) => endpoint,
  );
  const clamd = options.scan.includes('clamav') ? await beginClamd(folders) : undefined;
  return await Promise.race([
    ministack.ended,
    ...(clamd ? [clamd.ended] : []),
    serve(ministack, options, folders, clamd),
  ]);
}

function beginClamd(folders: Folders): Promise<LocalClamd> {
  return step(
    'ClamAV',
    () => startClamd(folders),
    ({ version, address }) => `${version} at ${address}, which knows EICAR alone`,
  );
}

/** Holds what the deployment is told to what it needs, before anything is started. */
async function checkWishes({ issuer, policies = join('src', 'policies.ts'), scan }: Options): Promise<void> {
  if (scan.includes('clamav')) await requireClamd();
  await step(
    'Policies',
    () => checkPolicies(policies),
    (names) => names.join(', '),
  );
  if (issuer !== undefined) {
    await step(
      'Issuer',
      () => requireIssuer(issuer, remark),
      (keys) => `${issuer.url}, ${keys === 1 ? 'one key' : `${keys} keys`}`,
    );
  }
}

async function serve(
  { endpoint }: MiniStack,
  options: Options,
  folders: Folders,
  clamd: LocalClamd | undefined,
): Promise<never> {
  const wishes = await scanWishes(options, folders, clamd);
  const stack = await step(
    'Deployment',
    async () => {
      await deployTo(endpoint, folders, wishes);
      return await readStack(endpoint);
    },
    ({ stackName }) => stackName,
  );
  const { issuer, webhook: url } = options;
  const callers = hasPool(stack) ? await prepareCallers(stack) : { issuer };
  const service = 'service' in callers ? callers.service : undefined;
  const secret = url !== undefined && service ? await readWebhookSecret(stack, service) : undefined;
  const described = { ...stack, ...callers, ...(secret !== undefined && { webhook: { url, secret } }) };
  await writeFile(folders.stackFile, `${JSON.stringify(described, undefined, 2)}\n`);
  say(welcome(stack, issuer));
  if (url !== undefined) say(describeWebhook(url, secret, service !== undefined));
  return await followLogs(stack, options.verbose, say);
}

/** Whatever function has this name by then: Sluice needs no more than its ARN. */
const SCANNER_FUNCTION = `arn:aws:lambda:${region}:000000000000:function:scanner`;

/** What the deployment is told: policies that demand the scanners, and where clamd is. */
async function scanWishes(
  options: Options,
  folders: Folders,
  clamd: LocalClamd | undefined,
): Promise<Wishes> {
  if (options.scan.length === 0) return options;
  return {
    ...options,
    policies: await writeScannedPolicies(folders, options.policies, options.scan),
    parameters: {
      ...(clamd && { clamdAddress: clamd.address }),
      ...(options.scan.includes('function') && { scannerFunction: SCANNER_FUNCTION }),
    },
  };
}

/** Whom the command line is: a user by itself, and a service when it is asked to. */
async function prepareCallers(stack: PoolStack): Promise<{ demo: User; service: Service }> {
  await step(
    'Demo user',
    () => createUser(stack, demoUser),
    () => demoUser.email,
  );
  return { demo: demoUser, service: await readService(stack) };
}

function welcome(stack: Stack, issuer: Issuer | undefined) {
  const [who, token] =
    issuer === undefined
      ? [`Log in   ${demoUser.email}  ${demoUser.password}`, '']
      : [`Tokens   of ${issuer.url}, for ${issuer.audience}`, ' --token …'];
  return `
  API      ${stack.apiUrl}
  Console  ${stack.consoleUrl}
  ${who}

  In another terminal:

    npx sluice upload docs/examples/photo.jpg${token}
    npx sluice list${token}
${issuer === undefined ? '    npx sluice token --service     # a token of a backend: docs/backends.md\n' : ''}
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
    const options = parseOptions(argv.slice(2), env.INIT_CWD ?? cwd()); // npm runs this in its own folder;
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
