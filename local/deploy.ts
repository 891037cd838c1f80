import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { createArchive } from './archive.ts';
import { restoreCors } from './cors.ts';
import { childEnvironment, localCredentials, region } from './environment.ts';
import { type Folders, projectRoot } from './folders.ts';
import { runGroup } from './group.ts';
import { withLock } from './lock.ts';
import { Obstacle, tailOf } from './obstacle.ts';
import type { Options } from './options.ts';

export const STAGE = 'local';
/** The CloudFormation stack of the local stage, as serverless.yml names it. */
export const stackName = `sluice-${STAGE}`;

/**
 * What differs from AWS: loopback speaks plain HTTP, so the buckets' TLS-only policies are left out; and
 * MiniStack serves an API under a path, where CloudFormation puts the API's id for `HttpApi`.
 */
function parametersFor(
  endpoint: string,
  { issuer, policies, webhook, parameters: others }: Wishes,
): readonly string[] {
  const parameters = {
    tlsOnly: 'false',
    webhookReach: 'anywhere',
    auditRetentionInDays: '1', // in the logs alone: infra/audit.yml
    apiUrl: `${endpoint}/_aws/execute-api/\${HttpApi}`,
    ...(issuer && {
      jwtIssuer: issuer.url,
      jwtAudience: issuer.audience,
      ...(issuer.serviceAudience && { serviceAudience: issuer.serviceAudience }),
    }),
    ...(policies && { policies }),
    ...(webhook && { webhookUrl: webhook }),
    ...others,
  };
  return Object.entries(parameters).map(([name, value]) => `--param=${name}=${value}`);
}

/** What a deployment may be given besides; nothing of it is kept for the next one. */
export type Wishes = Partial<Pick<Options, 'issuer' | 'policies' | 'webhook'>> & {
  /** others of the template, by name */
  readonly parameters?: Readonly<Record<string, string>>;
};

/** serverless packages into .serverless/ and .esbuild/, which two deployments at once would share. */
const lockFile = join(projectRoot, '.sluice', 'deploying');

/** Runs the same `serverless deploy` that goes to AWS, against the local endpoint. Safe to run again. */
export async function deployTo(endpoint: string, folders: Folders, wishes: Wishes = {}): Promise<void> {
  await withLock(lockFile, () => runServerless(endpoint, folders, wishes));
  await Promise.all([restoreCors(endpoint, stackName), createArchive(endpoint, stackName)]);
}

async function runServerless(endpoint: string, folders: Folders, wishes: Wishes): Promise<void> {
  const serverless = join(projectRoot, 'node_modules', 'serverless', 'bin', 'serverless.js');
  await runGroup(
    {
      command: process.execPath,
      args: [serverless, 'deploy', '--stage', STAGE, ...parametersFor(endpoint, wishes)],
      cwd: projectRoot,
      log: folders.deployLog,
      env: childEnvironment(folders, {
        AWS_ENDPOINT_URL: endpoint,
        AWS_REGION: region,
        AWS_ACCESS_KEY_ID: localCredentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: localCredentials.secretAccessKey,
        AWS_EC2_METADATA_DISABLED: 'true',
        SLS_INTERACTIVE_SETUP_ENABLE: '0',
        SLS_DEPRECATION_NOTIFICATION_MODE: 'warn',
        NO_COLOR: '1',
      }),
      // After a bundle that does not build, serverless reports the error but esbuild keeps its process alive.
      failure: /^Error:$/m,
    },
    (output) =>
      new Obstacle(
        `serverless deploy failed (all of it is in ${folders.deployLog}):\n\n${tailOf(withoutNoise(output))}`,
      ),
  );
}

/** What serverless said, without the frames of its spinner and of its own call stack. */
export function withoutNoise(output: string): string {
  return stripVTControlCharacters(output)
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^[\u2800-\u28ff] |^ {4}at /.test(line))
    .join('\n');
}
