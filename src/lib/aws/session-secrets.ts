import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { createSecretsManagerClient } from '@sluice/connection/clients/secrets-manager';
import type { Settings } from '@sluice/connection/settings/values';
import { toSecrets } from '../uppy/session.ts';

/**
 * Reads the keys of the upload sessions from their secret (infra/sessions.yml), the present one first. The client is made
 * by the first call: most requests of a function that has this are not for a session.
 * @throws Error when the secret does not hold what infra/sessions.yml puts there; the message shows nothing of it
 */
export function createSessionSecrets(settings: Settings, secretId: string) {
  let client: ReturnType<typeof createSecretsManagerClient> | undefined;
  return async (): Promise<readonly [string, ...string[]]> => {
    client ??= createSecretsManagerClient(settings);
    const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId: secretId }));
    const { current, previous } = parse(SecretString);
    if (typeof current !== 'string') throw new Error('the secret of the upload sessions has no current key');
    return toSecrets(current, typeof previous === 'string' ? previous : undefined);
  };
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    // The parser's message quotes the secret.
    throw new Error('the secret of the upload sessions is not JSON');
  }
}
