import { devNull } from 'node:os';
import { SettingError, type SettingFault } from '@sluice/connection/errors/settings';
import type { Session } from '@sluice/connection/session';
import type { LoadSources } from '@sluice/connection/settings/load';
import type { CodeSettings } from '@sluice/connection/settings/resolve';
import type { SettingName } from '@sluice/connection/settings/values';
import { Complaint, UsageError } from '../complaint.ts';
import { printJson } from '../print.ts';
import { findStack } from '../stack.ts';
import type { World } from '../world.ts';
import { parseSeconds, type StorageValues } from './options.ts';

/** Settings by the option that gives them. */
export const SETTING_OF = {
  profile: 'profile',
  region: 'region',
  endpoint: 'endpoint',
  'addressing-style': 'addressingStyle',
  'role-arn': 'roleArn',
  'external-id': 'roleExternalId',
  'no-sign-request': 'unsigned',
  'ca-bundle': 'caBundle',
  'max-bandwidth': 'maxBytesPerSecond',
  'connect-timeout': 'connectTimeoutMs',
  'read-timeout': 'readTimeoutMs',
} as const satisfies Record<string, SettingName>;

/**
 * What --local settles besides the endpoint: MiniStack's own account. These keys open nothing anywhere else.
 */
const LOCAL = { endpoint: undefined, region: 'us-east-1', accessKeyId: 'test', secretAccessKey: 'test' };

/**
 * Opens the session that the options ask for: what they say, over environment, over shared files. With
 * --local it is the local stack's, and neither environment nor files are read: keys and proxies of the
 * person's own have no business there.
 *
 * Throws UsageError for an option whose value is not allowed, else the errors of `createSession`.
 */
export async function connect(values: StorageValues, world: World): Promise<Session> {
  const sources = await gatherSources(values, world);
  const logger = {
    debug: (message: string, fields: object) => printJson(world.stderr, { message, ...fields }),
  };
  // Only now: the commands for the API have no use for it, and every file that is loaded has to be stripped
  // of its types.
  const { createSession } = await import('@sluice/connection/session');
  try {
    return createSession({ ...sources, ...(values.debug && { logger }) });
  } catch (error) {
    throw error instanceof SettingError && error.fault.source === 'code' ? toUsage(error.fault) : error;
  }
}

/** What `connect` makes a session of. Throws UsageError. */
export async function gatherSources(values: StorageValues, world: World): Promise<LoadSources> {
  const named = toCode(values);
  if (values['external-id'] !== undefined && values['role-arn'] === undefined) {
    throw new UsageError('--external-id is said to a role: it needs --role-arn.');
  }
  if (values['no-sign-request'] && values['role-arn'] !== undefined) {
    throw new UsageError(
      '--no-sign-request asks as nobody, and a role is somebody: leave one of the two out.',
    );
  }
  return values.local ? toLocal(values, named, world) : { code: named, environment: world.env };
}

/** A setting's source as somebody at a terminal knows it. */
export function toSource(values: StorageValues, setting: SettingName, source: string): string {
  if (source !== 'code') return source;
  const isNamed = setting === 'region' && values.region !== undefined;
  return values.local && setting in LOCAL && !isNamed ? 'local stack' : 'command line';
}

function toCode(values: StorageValues): CodeSettings {
  const { 'connect-timeout': connecting, 'read-timeout': reading } = values;
  const readMs = reading === undefined ? undefined : parseSeconds('read-timeout', reading);
  return {
    profile: values.profile,
    region: values.region,
    endpoint: values.endpoint,
    // Sound: whatever it is, it is checked where settings are resolved.
    addressingStyle: values['addressing-style'] as CodeSettings['addressingStyle'],
    roleArn: values['role-arn'],
    roleExternalId: values['external-id'],
    unsigned: values['no-sign-request'],
    caBundle: values['ca-bundle'],
    // Sound: as above.
    maxBytesPerSecond: values['max-bandwidth'] as CodeSettings['maxBytesPerSecond'],
    connectTimeoutMs: connecting === undefined ? undefined : parseSeconds('connect-timeout', connecting),
    // As in boto3, whose read time-out is a limit of silence as well.
    readTimeoutMs: readMs,
    idleTimeoutMs: readMs,
  };
}

async function toLocal(values: StorageValues, named: CodeSettings, { folder }: World): Promise<LoadSources> {
  if (values.endpoint !== undefined || values.profile !== undefined) {
    throw new UsageError('--local says both where and as whom: leave --endpoint and --profile out.');
  }
  const stack = await findStack(folder);
  if (stack === undefined) {
    throw new Complaint('There is no local stack in this folder or one above it.', '`npm start` starts one.');
  }
  return {
    code: { ...named, ...LOCAL, endpoint: stack.endpoint, region: named.region ?? LOCAL.region },
    environment: { AWS_CONFIG_FILE: devNull, AWS_SHARED_CREDENTIALS_FILE: devNull },
  };
}

/** A wrong setting of the command line, by the option that gave it. */
export function toUsage({ setting, value, allowed }: SettingFault): UsageError {
  const option = Object.entries(SETTING_OF).find(([, name]) => name === setting)?.[0] ?? setting;
  return new UsageError(`--${option}: "${value}" is not allowed; expected ${allowed}.`);
}
