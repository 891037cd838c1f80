import type { AwsCredentialIdentityProvider } from '@smithy/types';
import { clientOptions } from './clients/options.ts';
import { NoCredentialsError, SettingError } from './errors/settings.ts';
import type { Pool } from './pool.ts';
import type { Settings } from './settings/values.ts';

/** A role to assume, as settings or a profile name it. */
export type Role = {
  readonly arn: string;
  readonly sessionName: string | undefined;
  readonly externalId: string | undefined;
  readonly durationSeconds: number | undefined;
  /** Where a second factor is asked for, and which. */
  readonly mfa: { readonly serial: string; readonly source: string } | undefined;
};

/** How a session speaks with STS. */
export type WayToSts = {
  readonly settings: Settings;
  readonly pool: Pool;
};

/**
 * The keys of a role, assumed with others. Each call asks STS.
 *
 * The keys fail with `SettingError` when the role wants a second factor: nobody is there to type it in.
 */
export function assumeRole(
  role: Role,
  base: AwsCredentialIdentityProvider,
  way: WayToSts,
): AwsCredentialIdentityProvider {
  const { arn, sessionName, externalId, durationSeconds, mfa } = role;
  return async (properties) => {
    if (mfa) {
      throw new SettingError({
        setting: 'mfaSerial',
        value: mfa.serial,
        source: mfa.source,
        allowed:
          'no second factor, since nobody is there to type the code; get keys with `aws sts get-session-token` or `assume-role` and give those instead of the profile',
      });
    }
    const { fromTemporaryCredentials } = await import('@aws-sdk/credential-providers');
    return fromTemporaryCredentials({
      masterCredentials: base,
      params: {
        RoleArn: arn,
        RoleSessionName: sessionName ?? unnamed(),
        ...(externalId !== undefined && { ExternalId: externalId }),
        ...(durationSeconds !== undefined && { DurationSeconds: durationSeconds }),
      },
      clientConfig: stsOptions(way, base),
    })(properties);
  };
}

/**
 * The configuration of a client of STS; without credentials it can only make the calls that nobody signs.
 * Throws `NoRegionError`.
 */
export function stsOptions(
  { settings, pool }: WayToSts,
  credentials: AwsCredentialIdentityProvider = nobody,
) {
  return clientOptions(settings, 'sts', { credentials }, pool);
}

async function nobody(): Promise<never> {
  throw new NoCredentialsError({ message: 'this call is not to be signed' });
}

/** The name of a role's session when nobody gave it one. */
export function unnamed(): string {
  return `sluice-${Date.now()}`;
}
