import type { AwsCredentialIdentityProvider } from '@smithy/types';
import { clientOptions } from './clients/options.ts';
import { endpointOf } from './endpoint.ts';
import { SettingError } from './errors/setting-error.ts';
import { createPool, type Pool } from './pool.ts';
import { refreshing } from './refresh.ts';
import { describe, type Environment } from './settings/resolve.ts';
import { sharedFilePaths } from './settings/shared-file.ts';
import type { Settings } from './settings/values.ts';

/** Where a session's keys come from. */
export interface CredentialSource {
  readonly settings: Settings;
  /** Says where the shared files are. */
  readonly environment: Environment;
  /** Instead of keys, profile and provider chain; a role is assumed with it all the same. */
  readonly provider?: AwsCredentialIdentityProvider | undefined;
}

/** Credentials that renew themselves, and the sockets they are fetched with. */
export interface Credentials {
  readonly provide: AwsCredentialIdentityProvider;
  readonly pool: Pool;
}

/**
 * Settles how a session gets its keys: those in code or environment, else the SDK's chain (profile, single sign-on, process,
 * web identity, container, instance), else `provider`; and with them the role, when one was named in code.
 *
 * Asks nobody yet, and loads the chain and STS only when the first call needs them. STS is reached with the session's own
 * time-outs, proxy and certificates.
 *
 * Throws `SettingError` for a role or profile that wants a second factor: nobody is there to type it in.
 */
export function createCredentials(source: CredentialSource): Credentials {
  const { settings } = source;
  refuseSecondFactor(settings);
  const pool = createPool(settings, endpointOf(settings, 'sts'));
  const base = source.provider ?? ownKeys(settings) ?? refreshing(chain(source, pool));
  const isRoleInCode = settings.values.roleArn !== undefined && settings.sources.roleArn.kind === 'code';
  return { provide: isRoleInCode ? refreshing(role(settings, base, pool)) : refreshing(base), pool };
}

function ownKeys({ values, sources }: Settings): AwsCredentialIdentityProvider | undefined {
  const { accessKeyId, secretAccessKey, sessionToken } = values;
  // A profile's keys are left to the chain: it may also name a role, a process or single sign-on.
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  if (sources.accessKeyId.kind === 'file') return undefined;
  return async () => ({ accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) });
}

function chain({ settings, environment }: CredentialSource, pool: Pool): AwsCredentialIdentityProvider {
  return async (properties) => {
    const { fromNodeProviderChain } = await import('@aws-sdk/credential-providers');
    const { config, credentials } = sharedFilePaths(environment);
    const { profile } = settings.values;
    return fromNodeProviderChain({
      ...(profile !== undefined && { profile }),
      configFilepath: config,
      filepath: credentials,
      clientConfig: stsOptions(settings, undefined, pool),
    })(properties);
  };
}

function role(
  settings: Settings,
  base: AwsCredentialIdentityProvider,
  pool: Pool,
): AwsCredentialIdentityProvider {
  const { roleArn, roleSessionName, roleExternalId, roleDurationSeconds } = settings.values;
  return async (properties) => {
    const { fromTemporaryCredentials } = await import('@aws-sdk/credential-providers');
    return fromTemporaryCredentials({
      masterCredentials: base,
      params: {
        RoleArn: roleArn,
        RoleSessionName: roleSessionName ?? `sluice-${Date.now()}`,
        ...(roleExternalId !== undefined && { ExternalId: roleExternalId }),
        ...(roleDurationSeconds !== undefined && { DurationSeconds: roleDurationSeconds }),
      },
      clientConfig: stsOptions(settings, base, pool),
    })(properties);
  };
}

function stsOptions(settings: Settings, credentials: AwsCredentialIdentityProvider | undefined, pool: Pool) {
  return clientOptions(settings, 'sts', credentials ? { credentials } : {}, pool);
}

function refuseSecondFactor({ values, sources }: Settings): void {
  if (values.mfaSerial === undefined) return;
  throw new SettingError({
    setting: 'mfaSerial',
    value: values.mfaSerial,
    source: describe(sources.mfaSerial),
    allowed:
      'no second factor, since nobody is there to type the code; get keys with `aws sts get-session-token` or `assume-role` and give those',
  });
}
