import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { byKind, parseIni, type Sections } from './ini.ts';
import type { Environment, Profile } from './resolve.ts';

/** Both shared files, as far as they could be read. */
export type SharedFiles = {
  /** By kind and name. */
  readonly config: Sections;
  readonly credentials: Sections;
  /** What there is and cannot be read, each with the reason; to be said where something was needed of it. */
  readonly unreadable: readonly string[];
};

/**
 * The places of the two shared files: `AWS_CONFIG_FILE` and `AWS_SHARED_CREDENTIALS_FILE`, or those in the
 * home folder.
 */
export function sharedFilePaths(environment: Environment): { config: string; credentials: string } {
  const folder = join(homeOf(environment), '.aws');
  const { AWS_CONFIG_FILE: config, AWS_SHARED_CREDENTIALS_FILE: credentials } = environment;
  return {
    config: config ? expandPath(config, environment) : join(folder, 'config'),
    credentials: credentials ? expandPath(credentials, environment) : join(folder, 'credentials'),
  };
}

/** A location as a shell would read it: `~` at its beginning is the home folder. */
export function expandPath(path: string, environment: Environment): string {
  return path === '~' || path.startsWith('~/') ? join(homeOf(environment), path.slice(1)) : path;
}

function homeOf(environment: Environment): string {
  return environment.HOME || homedir();
}

/** Reads both files, now. One that is not there is an empty one, and so is one that cannot be read. */
export function readSharedFiles(environment: Environment): SharedFiles {
  const paths = sharedFilePaths(environment);
  const unreadable: string[] = [];
  const read = (path: string): Sections => {
    const { text, error } = readIfThere(path);
    if (error !== undefined) unreadable.push(`${path} cannot be read (${error})`);
    return parseIni(text);
  };
  return { config: byKind(read(paths.config)), credentials: read(paths.credentials), unreadable };
}

/**
 * Reads one profile of the shared files, or undefined when neither has it. Keys in `credentials` win over
 * those in `config`, as in boto3. Of `[profile default]` and `[default]` the former counts, as in the SDKs.
 */
export function readProfile(
  environment: Environment,
  name: string,
  { config, credentials }: SharedFiles = readSharedFiles(environment),
): Profile | undefined {
  const paths = sharedFilePaths(environment);
  const fromConfig = config.get(`profile ${name}`) ?? (name === 'default' ? config.get(name) : undefined);
  const fromCredentials = credentials.get(name);
  if (fromConfig === undefined && fromCredentials === undefined) return undefined;

  const services = config.get(`services ${fromConfig?.services}`) ?? {};
  const keys = {
    ...Object.fromEntries(Object.entries(services).map(([key, value]) => [`services.${key}`, value])),
    ...fromConfig,
    ...fromCredentials,
  };
  const files = [fromConfig && paths.config, fromCredentials && paths.credentials].filter(Boolean);
  return { place: `[${name}] of ${files.join(', ')}`, keys };
}

/**
 * The names of all profiles that the shared files have, those of the config file first (boto3:
 * `available_profiles`).
 */
export function availableProfiles(
  environment: Environment,
  { config, credentials }: SharedFiles = readSharedFiles(environment),
): string[] {
  const inConfig = [...config.keys()].flatMap((heading) =>
    heading === 'default' ? heading : (/^profile (.+)$/s.exec(heading)?.[1] ?? []),
  );
  return [...new Set([...inConfig, ...credentials.keys()])];
}

/** The text of a file, empty when there is none; with the reason when there is one that cannot be read. */
export function readIfThere(path: string): { readonly text: string; readonly error?: string } {
  try {
    return { text: readFileSync(path, 'utf8') };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return code === 'ENOENT' ? { text: '' } : { text: '', error: code };
  }
}
