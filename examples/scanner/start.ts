// Starts the service, and puts the function that asks it into the local AWS that `npm start` runs.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { env, exit } from 'node:process';
import {
  CreateRoleCommand,
  EntityAlreadyExistsException,
  GetRoleCommand,
  IAMClient,
} from '@aws-sdk/client-iam';
import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  LambdaClient,
  ResourceNotFoundException,
} from '@aws-sdk/client-lambda';
import { build } from 'esbuild';
import { zipSync } from 'fflate';
import { readStackFile } from '../local-stack.ts';
import { startService } from './service.ts';

/** As `npm start -- --scan function` names it. */
const NAME = 'scanner';

async function start(): Promise<void> {
  const stack = await readStackFile();
  if (stack === undefined) {
    console.error('Sluice does not run on this machine. Start it first: npm start -- --scan function');
    exit(1);
  }
  const [port, key] = [Number(env.PORT ?? 3000), randomUUID()];
  const url = `http://127.0.0.1:${port}`;
  await deploy(stack.endpoint, { SERVICE_URL: url, SERVICE_KEY: key });
  await startService(port, key);
  console.log(`The service listens at ${url}, and the function ${NAME} asks it.`);
}

/** Makes the function, or makes it anew. In AWS, you deploy it as your others. */
async function deploy(endpoint: string, variables: Record<string, string>): Promise<void> {
  const settings = {
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  const lambda = new LambdaClient(settings);
  const role = await makeRole(new IAMClient(settings));
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, 'scanner.ts')],
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'node',
  });
  const code = outputFiles[0]?.contents ?? new Uint8Array();
  await lambda.send(new DeleteFunctionCommand({ FunctionName: NAME })).catch((error: unknown) => {
    if (!(error instanceof ResourceNotFoundException)) throw error;
  });
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName: NAME,
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role: role,
      Timeout: 270,
      Code: { ZipFile: zipSync({ 'index.js': code }) },
      Environment: { Variables: variables },
    }),
  );
}

/** A role that may do nothing: the function reads files by their addresses. */
async function makeRole(iam: IAMClient): Promise<string | undefined> {
  const AssumeRolePolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
    ],
  });
  const { Role } = await iam
    .send(new CreateRoleCommand({ RoleName: NAME, AssumeRolePolicyDocument }))
    .catch((error: unknown) => {
      if (error instanceof EntityAlreadyExistsException)
        return iam.send(new GetRoleCommand({ RoleName: NAME }));
      throw error;
    });
  return Role?.Arn;
}

await start();
