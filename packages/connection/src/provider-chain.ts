import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from '@smithy/types';
import { assumeRole, stsOptions, unnamed, type WayToSts } from './assume-role.ts';
import { NoCredentialsError } from './errors/settings.ts';
import { readProcessKeys } from './process-keys.ts';
import type { Environment, Profile } from './settings/resolve.ts';
import {
  expandPath,
  readIfThere,
  readProfile,
  readSharedFiles,
  type SharedFiles,
} from './settings/shared-file.ts';
import { type SignInFiles, withSignInFiles } from './sign-in.ts';

/** Who asks for keys. */
export type ChainSource = WayToSts & {
  readonly environment: Environment;
};

type Ask = ChainSource & {
  readonly providers: typeof import('@aws-sdk/credential-providers');
  readonly properties: Record<string, unknown> | undefined;
  readonly files: SharedFiles;
};

type Keys = Promise<AwsCredentialIdentity> | undefined;

/**
 * The keys of the first that has any: profile, web identity, container, instance. Loads the SDK's providers
 * when it is first called, and reads the shared files at each call.
 *
 * Not the SDK's own chain: that takes keys, files and the profile's name from `process.env`, and a session
 * would sign as somebody else than the one it was made for. Here the given environment counts, with three
 * exceptions: a `credential_process` inherits the environment of this process; the tokens of single sign-on
 * and `aws login` are looked for in its home folder; and where instance metadata is to be found is what this
 * process's environment says, or the usual address: it is the machine's identity, and asked unless the given
 * environment forbids it (`AWS_EC2_METADATA_DISABLED`).
 */
export function providerChain(source: ChainSource): AwsCredentialIdentityProvider {
  return async (properties) => {
    const providers = await import('@aws-sdk/credential-providers');
    const files = readSharedFiles(source.environment);
    const ask = { ...source, providers, properties, files };
    const { AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile, AWS_ROLE_ARN: roleArn } = source.environment;
    return (
      ofProfile(ask, source.settings.values.profile ?? 'default') ??
      ofWebIdentity(ask, tokenFile, roleArn, source.settings.values.roleSessionName) ??
      ofContainer(ask) ??
      ofInstance(ask)
    );
  };
}

/**
 * As the SDK's fromIni, which looks for single sign-on and for `credential_source` where `process.env` leads.
 */
function ofProfile(ask: Ask, name: string, visited: readonly string[] = []): Keys {
  const profile = readProfile(ask.environment, name, ask.files);
  if (profile === undefined) return undefined;
  const { keys } = profile;
  const hasKeys = keys.aws_access_key_id !== undefined && keys.aws_secret_access_key !== undefined;
  const hasRole =
    keys.role_arn !== undefined && (keys.source_profile ?? keys.credential_source) !== undefined;
  // Of the source of a role, itself perhaps, keys are what is meant.
  if (hasRole && !(hasKeys && visited.length > 0)) return ofRole(ask, name, profile, visited);
  if (hasKeys) {
    return ofPair(keys.aws_access_key_id, keys.aws_secret_access_key, keys.aws_session_token);
  }
  if (keys.web_identity_token_file !== undefined) {
    return ofWebIdentity(ask, keys.web_identity_token_file, keys.role_arn, keys.role_session_name);
  }
  if (keys.credential_process !== undefined) return readProcessKeys(keys.credential_process, profile.place);
  const signIn = (provider: 'fromSSO' | 'fromLoginCredentials') =>
    withSignInFiles(profile, ask.files, (files: SignInFiles) =>
      ask.providers[provider]({ ...files, clientConfig: signInOptions(ask) })(ask.properties),
    );
  if (keys.sso_session !== undefined || keys.sso_start_url !== undefined) return signIn('fromSSO');
  if (keys.login_session !== undefined) return signIn('fromLoginCredentials');
  return undefined;
}

async function ofRole(
  ask: Ask,
  name: string,
  { keys, place }: Profile,
  visited: readonly string[],
): Promise<AwsCredentialIdentity> {
  if (visited.includes(name)) {
    throw new NoCredentialsError({
      message: `source_profile goes in a circle: ${[...visited, name].join(', ')}`,
    });
  }
  const serial = keys.mfa_serial ?? ask.settings.values.mfaSerial;
  const role = {
    arn: String(keys.role_arn),
    sessionName: keys.role_session_name,
    externalId: keys.external_id,
    durationSeconds: keys.duration_seconds === undefined ? undefined : Number(keys.duration_seconds),
    mfa:
      serial === undefined
        ? undefined
        : { serial, source: keys.mfa_serial ? `mfa_serial in ${place}` : 'code' },
  };
  const base = async () => {
    const from = keys.source_profile;
    const found = from ? ofProfile(ask, from, [...visited, name]) : ofSource(ask, keys.credential_source);
    if (found) return found;
    const source = from ? `its source_profile ${from}` : `its credential_source ${keys.credential_source}`;
    throw new NoCredentialsError({
      message: `no keys to assume the role of ${place} with: ${source} has none`,
    });
  };
  return assumeRole(role, base, ask)(ask.properties);
}

function ofSource(ask: Ask, source: string | undefined): Keys {
  const { environment } = ask;
  switch (source) {
    case 'Environment':
      return ofPair(
        environment.AWS_ACCESS_KEY_ID,
        environment.AWS_SECRET_ACCESS_KEY,
        environment.AWS_SESSION_TOKEN,
      );
    case 'EcsContainer':
      return ofContainer(ask);
    case 'Ec2InstanceMetadata':
      return ofInstance(ask);
    default:
      return undefined;
  }
}

function ofPair(accessKeyId?: string, secretAccessKey?: string, sessionToken?: string): Keys {
  if (!accessKeyId || !secretAccessKey) return undefined;
  return Promise.resolve({ accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) });
}

function ofWebIdentity(ask: Ask, tokenFile?: string, roleArn?: string, sessionName?: string): Keys {
  if (!tokenFile || !roleArn) return undefined;
  const { text, error } = readIfThere(expandPath(tokenFile, ask.environment));
  if (text === '') {
    const reason = error === undefined ? 'is missing or empty' : `cannot be read (${error})`;
    throw new NoCredentialsError({ message: `the token file of the web identity ${reason}: ${tokenFile}` });
  }
  return ask.providers.fromWebToken({
    webIdentityToken: text.trim(),
    roleArn,
    roleSessionName: sessionName ?? unnamed(),
    clientConfig: stsOptions(ask),
  })(ask.properties);
}

/** What is not set is given as empty: left out, the SDK would take it from `process.env`. */
function ofContainer({ environment, providers, properties }: Ask): Keys {
  const relative = environment.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI ?? '';
  const full = environment.AWS_CONTAINER_CREDENTIALS_FULL_URI ?? '';
  if (relative === '' && full === '') return undefined;
  const tokenFile = environment.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE ?? '';
  return providers.fromHttp({
    awsContainerCredentialsRelativeUri: relative,
    awsContainerCredentialsFullUri: relative === '' ? full : '',
    awsContainerAuthorizationTokenFile: tokenFile,
    awsContainerAuthorizationToken:
      tokenFile === '' ? (environment.AWS_CONTAINER_AUTHORIZATION_TOKEN ?? '') : '',
  })(properties);
}

async function ofInstance({
  environment,
  providers,
  properties,
  files,
}: Ask): Promise<AwsCredentialIdentity> {
  const message = [
    'found no keys: not in code, environment or profile, and no container or instance gives any',
    ...files.unreadable,
  ].join('; ');
  const isDisabled = !/^(false)?$/i.test(environment.AWS_EC2_METADATA_DISABLED ?? '');
  if (isDisabled) throw new NoCredentialsError({ message });
  try {
    return await providers.fromInstanceMetadata()(properties);
  } catch (cause) {
    throw new NoCredentialsError({ message, cause });
  }
}

/**
 * The session's way out, for those who are not STS and have a region, an endpoint and tokens of their own.
 */
function signInOptions(ask: Ask) {
  const { region, endpoint, credentials, ...options } = { endpoint: undefined, ...stsOptions(ask) };
  return options;
}
