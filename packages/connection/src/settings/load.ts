import { ProfileNotFoundError, SettingError, type SettingFault } from '../errors/settings.ts';
import { createPool } from '../pool.ts';
import {
  type CodeSettings,
  checkSettings,
  type Environment,
  resolveSettings,
  type SettingSources,
} from './resolve.ts';
import { availableProfiles, readProfile, readSharedFiles } from './shared-file.ts';
import { settingTable } from './table.ts';
import type { Settings } from './values.ts';

/** What `loadSettings` starts from. */
export type LoadSources = {
  readonly code?: CodeSettings;
  /** Usually `process.env`; also says where the shared files are. */
  readonly environment?: Environment;
};

/**
 * `resolveSettings` with the shared files as well (`~/.aws/config`, `~/.aws/credentials`). Reads them once,
 * now: for programs; a Lambda function has no such files and should not look for them.
 *
 * Throws `ProfileNotFoundError` when a profile was named and neither file has it.
 */
export function loadSettings(from: LoadSources): Settings {
  return resolveSettings(readSources(from));
}

/**
 * `loadSettings` for `explain`: malformed settings, and certificates that cannot be read, are among the
 * `faults`.
 *
 * Throws `ProfileNotFoundError`.
 */
export function inspectSettings(from: LoadSources): Settings {
  const settings = checkSettings(readSources(from));
  return { ...settings, faults: [...settings.faults, ...certificateFaults(settings)] };
}

function certificateFaults(settings: Settings): SettingFault[] {
  try {
    createPool(settings, undefined).destroy();
    return [];
  } catch (error) {
    if (error instanceof SettingError) return [error.fault];
    throw error;
  }
}

/** Names of profiles that an error tells. */
const MOST_SHOWN = 20;

function readSources({ code = {}, environment = {} }: LoadSources): SettingSources {
  const variables = settingTable.profile.environment ?? [];
  const named = code.profile ?? variables.map((variable) => environment[variable]).find(Boolean);
  const files = readSharedFiles(environment);
  const profile = readProfile(environment, named ?? 'default', files);
  if (named !== undefined && profile === undefined) {
    const known = availableProfiles(environment, files).slice(0, MOST_SHOWN);
    const others = known.length > 0 ? `, which have ${known.join(', ')}` : '';
    const reasons = [`profile "${named}" is in neither shared file${others}`, ...files.unreadable];
    throw new ProfileNotFoundError({ message: reasons.join('; ') });
  }
  return { code, environment, ...(profile && { profile }) };
}
