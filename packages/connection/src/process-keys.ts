import { exec } from 'node:child_process';
import { promisify } from 'node:util';
import type { AwsCredentialIdentity } from '@smithy/types';
import { ExpiredCredentialsError, NoCredentialsError } from './errors/settings.ts';

/**
 * Runs the `credential_process` of a profile and reads its keys. It inherits the environment of this process.
 *
 * Not the SDK's: that looks the command up in the shared files again, and reads them by other rules. Throws
 * `NoCredentialsError`, whose message holds neither the command nor what it wrote to standard output, and
 * `ExpiredCredentialsError`.
 */
export async function readProcessKeys(command: string, place: string): Promise<AwsCredentialIdentity> {
  const said = parse(await run(command, place));
  const { Version, AccessKeyId, SecretAccessKey, SessionToken, Expiration, AccountId } = said;
  if (Version !== 1 || typeof AccessKeyId !== 'string' || typeof SecretAccessKey !== 'string') {
    const wanted = '{"Version": 1, "AccessKeyId": …, "SecretAccessKey": …}';
    throw new NoCredentialsError({ message: `credential_process in ${place} must write ${wanted}` });
  }
  const expiration = Expiration === undefined ? undefined : new Date(String(Expiration));
  if (expiration !== undefined && !(expiration.getTime() > Date.now())) {
    const message = `credential_process in ${place} gives keys that ended at ${String(Expiration)}`;
    throw new ExpiredCredentialsError({ message });
  }
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    ...(typeof SessionToken === 'string' && SessionToken !== '' && { sessionToken: SessionToken }),
    ...(expiration && { expiration }),
    ...(typeof AccountId === 'string' && { accountId: AccountId }),
  };
}

async function run(command: string, place: string): Promise<string> {
  try {
    const { stdout } = await promisify(exec)(command);
    return stdout;
  } catch (cause) {
    const { code, stderr = '' } = cause as { code?: unknown; stderr?: string };
    const [line = ''] = stderr.trim().split('\n').slice(-1);
    const message = `credential_process in ${place} failed (${code}): ${line.slice(0, 300) || 'no word of why'}`;
    // The error itself has the command in its message.
    throw new NoCredentialsError({ message });
  }
}

function parse(text: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}
