import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Environment, Profile } from './resolve.ts';

/** Sections of one shared file by their heading; the keys of a nested block are joined to its name with a dot. */
export type Sections = ReadonlyMap<string, Readonly<Record<string, string>>>;

/** The places of the two shared files: `AWS_CONFIG_FILE` and `AWS_SHARED_CREDENTIALS_FILE`, or those in the home folder. */
export function sharedFilePaths(environment: Environment): { config: string; credentials: string } {
  const home = environment.HOME || homedir();
  return {
    config: environment.AWS_CONFIG_FILE || join(home, '.aws', 'config'),
    credentials: environment.AWS_SHARED_CREDENTIALS_FILE || join(home, '.aws', 'credentials'),
  };
}

/**
 * Reads one profile of the shared files, or undefined when neither has it. Keys in `credentials` win over those in `config`,
 * as in boto3. A file that is not there is an empty one.
 */
export function readProfile(environment: Environment, name: string): Profile | undefined {
  const paths = sharedFilePaths(environment);
  const config = parseIni(readIfThere(paths.config));
  const fromConfig =
    config.get(name === 'default' ? 'default' : `profile ${name}`) ?? config.get(`profile ${name}`);
  const fromCredentials = parseIni(readIfThere(paths.credentials)).get(name);
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
 * Parses the INI dialect of AWS: `[heading]`, `key = value`, comments after `#` or `;` (in a value only after a blank), and
 * nested blocks, which are a key without a value followed by indented lines. Lines that are none of these are skipped, as
 * botocore and the SDKs do.
 */
export function parseIni(text: string): Sections {
  const sections = new Map<string, Record<string, string>>();
  let section: Record<string, string> = {};
  let block = '';
  for (const line of text.split(/\r?\n/)) {
    const content = line.replace(/(^|\s)[#;].*$/, '').trimEnd();
    const heading = /^\s*\[\s*([^\]]+?)\s*\]$/.exec(content)?.[1];
    if (heading !== undefined) {
      const name = heading.replace(/\s+/, ' ').replace(/^(\w+) ["'](.*)["']$/, '$1 $2');
      section = sections.get(name) ?? {};
      sections.set(name, section);
      block = '';
      continue;
    }
    const [, indent, key, value] = /^(\s*)([^=\s][^=]*?)\s*=\s*(.*)$/.exec(content) ?? [];
    if (key === undefined || value === undefined) continue;
    if (indent === '') block = value === '' ? `${key}.` : '';
    if (value !== '') section[indent === '' ? key : `${block}${key}`] = value;
  }
  return sections;
}

/** The text of a file, empty when there is none. */
export function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}
