import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AwsCredentialIdentity } from '@smithy/types';
import { NoCredentialsError } from './errors/settings.ts';
import type { Profile } from './settings/resolve.ts';
import type { SharedFiles } from './settings/shared-file.ts';

type Keys = Readonly<Record<string, string>>;

/** Where one of the SDK's providers is to read the profile. */
export type SignInFiles = {
  readonly profile: string;
  readonly configFilepath: string;
  readonly filepath: string;
  /**
   * The SDK remembers what it has read; a session that is opened after a change would get the keys from
   * before.
   */
  readonly ignoreCache: true;
};

/**
 * Has a provider of the SDK read what our parser read. Given the shared files themselves it would parse them
 * by rules of its own, and find another profile or none; so it gets a file that says the same to both, which
 * is gone afterwards. It holds no secret: tokens are in the home folder.
 *
 * Throws `NoCredentialsError` for an `sso_session` that is missing or incomplete.
 */
export async function withSignInFiles(
  { keys, place }: Profile,
  { config }: SharedFiles,
  read: (files: SignInFiles) => Promise<AwsCredentialIdentity>,
): Promise<AwsCredentialIdentity> {
  const { sso_session: name } = keys;
  const session = name === undefined ? undefined : completeSession(name, place, config);
  const folder = await mkdtemp(join(tmpdir(), 'sluice-sign-in-'));
  try {
    const [configFilepath, filepath] = [join(folder, 'config'), join(folder, 'credentials')];
    const sections = [
      toSection('profile.sluice', keys),
      session && toSection(`sso-session.${name}`, session),
    ];
    await writeFile(configFilepath, sections.join('\n'), { mode: 0o600 });
    return await read({ profile: 'sluice', configFilepath, filepath, ignoreCache: true });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function completeSession(name: string, place: string, config: SharedFiles['config']): Keys {
  const session = config.get(`sso-session ${name}`);
  const [missing] = session ? ['sso_region', 'sso_start_url'].filter((key) => !session[key]) : [];
  if (session !== undefined && missing === undefined) return session;
  throw new NoCredentialsError({
    message: `sso_session in ${place} names [sso-session ${name}], which ${session ? `has no ${missing}` : 'does not exist'}`,
  });
}

/**
 * Only what signing in needs; a dot before the name is what the SDK makes of any heading that it can read.
 */
function toSection(heading: string, keys: Keys): string {
  return [
    `[${heading}]`,
    ...Object.entries(keys)
      .filter(([key]) => /^(sso_\w+|login_session|region)$/.test(key))
      .map(([key, value]) => `${key} = ${value}`),
  ].join('\n');
}
