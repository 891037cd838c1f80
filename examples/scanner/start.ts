// Starts the service, and puts the function that asks it into the local AWS that `npm start` runs.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { env, exit } from 'node:process';
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
  const lambda = new LambdaClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
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
      Role: 'arn:aws:iam::000000000000:role/scanner',
      Timeout: 270,
      Code: { ZipFile: zipSync({ 'index.js': code }) },
      Environment: { Variables: variables },
    }),
  );
}

await start();
