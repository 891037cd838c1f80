import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from '@smithy/types';
import { ExpiredCredentialsError } from './errors/settings.ts';
import type { Settings } from './settings/values.ts';

/**
 * The keys that stand in code or environment, undefined when there are none. Those of a profile are left to
 * the chain: it may also name a role, a process or single sign-on. Keys whose end is known
 * (`AWS_CREDENTIAL_EXPIRATION`) are refused after it.
 */
export function ownKeys({ values, sources }: Settings): AwsCredentialIdentityProvider | undefined {
  const { accessKeyId, secretAccessKey, sessionToken, keyExpiration } = values;
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  if (sources.accessKeyId.kind === 'file') return undefined;
  const keys: AwsCredentialIdentity = {
    accessKeyId,
    secretAccessKey,
    ...(sessionToken && { sessionToken }),
    ...(keyExpiration && { expiration: new Date(keyExpiration) }),
  };
  return async () => refuseEnded(keys);
}

/** The keys, unless they are past their end. Throws `ExpiredCredentialsError`. */
export function refuseEnded(keys: AwsCredentialIdentity): AwsCredentialIdentity {
  const { expiration } = keys;
  if (expiration === undefined || expiration.getTime() > Date.now()) return keys;
  throw new ExpiredCredentialsError({ message: `the keys ended at ${expiration.toISOString()}` });
}
