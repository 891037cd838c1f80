import type { AwsCredentialIdentityProvider } from '@smithy/types';
import { assumeRole } from './assume-role.ts';
import { endpointOf } from './endpoint.ts';
import { NoCredentialsError } from './errors/settings.ts';
import { toKeyFailure } from './key-failure.ts';
import { ownKeys, refuseEnded } from './own-keys.ts';
import { createPool, type Pool } from './pool.ts';
import { providerChain } from './provider-chain.ts';
import { refreshing } from './refresh.ts';
import type { Environment } from './settings/resolve.ts';
import type { Settings } from './settings/values.ts';

/** Where a session's keys come from. */
export type CredentialSource = {
  readonly settings: Settings;
  /**
   * Says where the shared files are, and whether there is a web identity, a container or an instance to ask.
   */
  readonly environment: Environment;
  /** Instead of keys, profile and provider chain; a role is assumed with it all the same. */
  readonly provider?: AwsCredentialIdentityProvider | undefined;
};

/** Credentials that renew themselves, and the sockets they are fetched with. */
export type Credentials = {
  readonly provide: AwsCredentialIdentityProvider;
  readonly pool: Pool;
};

/**
 * Settles how a session gets its keys: from `provider`, else those in code or environment, else the provider
 * chain (profile, web identity, container, instance); and with them the role, when one was named in code.
 *
 * A session that is `unsigned` looks for none, and has none to give. Whatever a source throws has its class,
 * and keys past their end are refused. Asks nobody yet, and loads the chain and STS only when the first call
 * needs them. STS is reached with the session's own time-outs, proxy and certificates.
 */
export function createCredentials({ settings, environment, provider }: CredentialSource): Credentials {
  const pool = createPool(settings, endpointOf(settings, 'sts'));
  if (settings.values.unsigned) return { provide: refuseToSign, pool };
  const base = refreshing(provider ?? ownKeys(settings) ?? providerChain({ settings, environment, pool }));
  const { roleArn, roleSessionName, roleExternalId, roleDurationSeconds, mfaSerial } = settings.values;
  if (roleArn === undefined || settings.sources.roleArn.kind !== 'code') return { provide: told(base), pool };
  const role = {
    arn: roleArn,
    sessionName: roleSessionName,
    externalId: roleExternalId,
    durationSeconds: roleDurationSeconds,
    // One in a profile belongs to the role of that profile.
    mfa:
      mfaSerial !== undefined && settings.sources.mfaSerial.kind === 'code'
        ? { serial: mfaSerial, source: 'code' }
        : undefined,
  };
  return { provide: told(refreshing(assumeRole(role, base, { settings, pool }))), pool };
}

async function refuseToSign(): Promise<never> {
  throw new NoCredentialsError({ message: 'there are no keys where nothing is signed (unsigned)' });
}

function told(provider: AwsCredentialIdentityProvider): AwsCredentialIdentityProvider {
  return async (properties) => {
    try {
      return refuseEnded(await provider(properties));
    } catch (error) {
      throw toKeyFailure(error);
    }
  };
}
