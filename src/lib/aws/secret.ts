import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { createSecretsManagerClient } from '@sluice/connection/clients/secrets-manager';
import type { Settings } from '@sluice/connection/settings/values';
import { toSecrets } from '../grant/signed-text.ts';

/**
 * Reads a secret of Secrets Manager that is one JSON object. The client is made by the first call: most
 * requests of a function that has this need no secret.
 * @param what names the secret in messages, such as "the secret of the upload sessions"
 * @throws Error when it is no JSON object; the message shows nothing of it
 */
export function createSecretReader(settings: Settings, secretId: string, what: string) {
  let client: ReturnType<typeof createSecretsManagerClient> | undefined;
  return async (): Promise<Readonly<Record<string, unknown>>> => {
    client ??= createSecretsManagerClient(settings);
    const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId: secretId }));
    return parse(SecretString, what);
  };
}

/**
 * Reads a secret that can be replaced while the one before it is still good: `current`, and `previous` or
 * "none" (infra/sessions.yml). The present one comes first.
 * @throws Error when it does not hold that; the message shows nothing of it
 */
export function createPairReader(settings: Settings, secretId: string, what: string) {
  const read = createSecretReader(settings, secretId, what);
  return async (): Promise<readonly [string, ...string[]]> => {
    const { current, previous } = await read();
    if (typeof current !== 'string') throw new Error(`${what} has no field current that is text`);
    return toSecrets(current, typeof previous === 'string' ? previous : undefined);
  };
}

function parse(text: string, what: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    // The parser's message quotes the secret.
    throw new Error(`${what} is not JSON`);
  }
}
