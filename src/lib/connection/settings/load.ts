import { ProfileNotFoundError } from '../errors/profile-not-found-error.ts';
import { type CodeSettings, type Environment, resolveSettings } from './resolve.ts';
import { readProfile } from './shared-file.ts';
import { settingTable } from './table.ts';
import type { Settings } from './values.ts';

/** What `loadSettings` starts from. */
export interface LoadSources {
  readonly code?: CodeSettings;
  /** Usually `process.env`; also says where the shared files are. */
  readonly environment?: Environment;
}

/**
 * `resolveSettings` with the shared files as well (`~/.aws/config`, `~/.aws/credentials`). Reads them once, now: for
 * programs; a Lambda function has no such files and should not look for them.
 *
 * Throws `ProfileNotFoundError` when a profile was named and neither file has it.
 */
export function loadSettings({ code = {}, environment = {} }: LoadSources): Settings {
  const variables = settingTable.profile.environment ?? [];
  const named = code.profile ?? variables.map((variable) => environment[variable]).find(Boolean);
  const profile = readProfile(environment, named ?? 'default');
  if (named !== undefined && profile === undefined) {
    throw new ProfileNotFoundError({ message: `profile "${named}" is in neither shared file` });
  }
  return resolveSettings({ code, environment, ...(profile && { profile }) });
}
