import type { AwsCredentialIdentityProvider, HttpRequest } from '@smithy/types';
import { endpointOf, type Service } from '../endpoint.ts';
import { NoRegionError, SettingError } from '../errors/settings.ts';
import { ownKeys } from '../own-keys.ts';
import { createPool, type Pool } from '../pool.ts';
import { describe } from '../settings/resolve.ts';
import type { Settings } from '../settings/values.ts';
import type { CallLogger } from './call-log.ts';

/** What is not a setting. */
export type ClientExtras = {
  /** Instead of what the settings lead to. */
  readonly credentials?: AwsCredentialIdentityProvider;
  /** Hears of every call at debug level. */
  readonly logger?: CallLogger;
};

/** The part of an SDK client's configuration that is the same for every service. */
export function clientOptions(settings: Settings, service: Service, extras: ClientExtras, pool: Pool) {
  const { values } = settings;
  if (values.region === undefined) {
    throw new NoRegionError({ message: 'no region: set AWS_REGION, or region in code or in the profile' });
  }
  const endpoint = endpointOf(settings, service);
  refuseProxy(settings, endpoint);
  return {
    region: values.region,
    ...(values.unsigned ? noSignature : credentialOptions(settings, extras)),
    ...(endpoint !== undefined && { endpoint }),
    useDualstackEndpoint: values.useDualstackEndpoint,
    useFipsEndpoint: values.useFipsEndpoint,
    maxAttempts: values.maxAttempts,
    retryMode: values.retryMode,
    requestHandler: {
      httpsAgent: pool.httpsAgent,
      ...(pool.httpAgent && { httpAgent: pool.httpAgent }),
      requestTimeout: values.readTimeoutMs,
      // Without it the SDK prints a warning at the time-out and waits on.
      throwOnRequestTimeout: true,
      socketTimeout: values.idleTimeoutMs,
      // No connectionTimeout: the SDK's counts the wait for a free socket and ends before TLS. The pool has
      // its own.
    },
    // What follows is settled here already, or not used. Left out, the first call would look for each in
    // ~/.aws/config.
    defaultsMode: 'standard' as const,
    ignoreConfiguredEndpointUrls: true,
    disableClockSkewCorrection: false,
    authSchemePreference: [],
    userAgentAppId: async () => values.userAgentSuffix,
  };
}

/** The SDK's own word for calls that nobody signs. */
const NO_AUTH = 'smithy.api#noAuth';

/** Takes the place of everything that leads to keys and signatures. */
const noSignature = {
  // DynamoDB's client looks at them for an account's own endpoint. No scheme is left that would sign with
  // them.
  credentials: async () => ({ accessKeyId: '', secretAccessKey: '' }),
  httpAuthSchemeProvider: () => [{ schemeId: NO_AUTH }],
  httpAuthSchemes: [
    {
      schemeId: NO_AUTH,
      identityProvider: () => async () => ({}),
      signer: { sign: async (request: HttpRequest) => request },
    },
  ],
};

/**
 * A proxy of the environment that cannot be used is a matter for those calls only that would go through it.
 */
function refuseProxy({ faults }: Settings, endpoint: string | undefined): void {
  const proxy = endpoint?.startsWith('http:') ? 'httpProxy' : 'httpsProxy';
  const fault = faults.find(({ setting }) => setting === proxy);
  if (fault) throw new SettingError(fault);
}

/** The client's own pool, made for the endpoint that its service has. */
export function poolFor(settings: Settings, service: Service): Pool {
  return createPool(settings, endpointOf(settings, service));
}

/**
 * The keys of a profile that names no role. Left to the SDK's chain they would be looked for in the files
 * again, by another parser, which may find those of another account.
 */
function fileKeys({ values, sources }: Settings): AwsCredentialIdentityProvider | undefined {
  const { accessKeyId, secretAccessKey, sessionToken } = values;
  if (accessKeyId === undefined || secretAccessKey === undefined || sources.roleArn.kind === 'file') {
    return undefined;
  }
  return async () => ({ accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) });
}

function credentialOptions(settings: Settings, { credentials }: ClientExtras) {
  if (credentials) return { credentials };
  const { values, sources } = settings;
  if (values.roleArn !== undefined && sources.roleArn.kind === 'code') {
    refuse(settings, 'roleArn', 'a session (createSession), which can assume it');
  }
  const own = ownKeys(settings) ?? fileKeys(settings);
  if (own) return { credentials: own };
  // The SDK reads the shared files by rules of its own: under the same name it may find another account.
  if (values.profile !== undefined)
    refuse(settings, 'profile', 'a session (createSession), which can read it');
  // None given: the SDK's own chain, which it loads only now, and which reads process.env. A session has a
  // chain of its own.
  return {};
}

function refuse({ values, sources }: Settings, setting: 'roleArn' | 'profile', allowed: string): never {
  const value = String(values[setting]);
  throw new SettingError({ setting, value, source: describe(sources[setting]), allowed });
}
