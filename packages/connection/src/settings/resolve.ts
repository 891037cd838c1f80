import { SettingError, type SettingFault } from '../errors/settings.ts';
import { mask } from './mask.ts';
import type { Rule } from './rule.ts';
import { type Row, settingTable } from './table.ts';
import type { SettingName, Settings, SettingValues, Source } from './values.ts';

/** Variables, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Settings given in code; an unset one may be left out or undefined. */
export type CodeSettings = { readonly [Name in SettingName]?: SettingValues[Name] | undefined };

/** One profile of the shared files, flattened: `s3.addressing_style` for a key in a nested block. */
export type Profile = {
  /** Shown as the source, e.g. `[profile dev] of ~/.aws/config`. */
  readonly place: string;
  readonly keys: Readonly<Record<string, string>>;
};

/** The three places settings come from, strongest first. */
export type SettingSources = {
  readonly code?: CodeSettings;
  readonly environment?: Environment;
  readonly profile?: Profile;
};

type Found = {
  readonly given: unknown;
  readonly source: Source;
};

const secretParts = ['accessKeyId', 'secretAccessKey', 'sessionToken'] as const satisfies SettingName[];

/**
 * Settles every setting: code over environment over profile over default. Reads no file and keeps no
 * reference to the environment, so a Lambda function pays nothing for it.
 *
 * Throws `SettingError` for a name it does not know and for a value out of bounds, naming setting, value,
 * source and what is allowed. An empty variable counts as unset, as everywhere in AWS.
 */
export function resolveSettings(from: SettingSources): Settings {
  const settings = checkSettings(from);
  const fault = settings.faults.find(({ setting }) => !mayWait(setting, settings));
  if (fault) throw new SettingError(fault);
  return settings;
}

/**
 * `resolveSettings` for those who want to see all settings, whatever is wrong with some: each of those is a
 * fault, and its value is as if it were unset. Only `explain` knows what to do with such settings.
 *
 * Throws `SettingError` for a name it does not know.
 */
export function checkSettings(from: SettingSources): Settings {
  refuseUnknown(from.code ?? {});
  const found = new Map<SettingName, Found>();
  for (const name of names()) {
    const first = look(name, from).next().value;
    if (first) found.set(name, first);
  }
  const faults = keepKeysTogether(found, from);

  const values: Partial<Record<SettingName, unknown>> = {};
  const sources: Partial<Record<SettingName, Source>> = {};
  for (const name of names()) {
    const hit = found.get(name);
    const value = hit && parse(name, hit);
    if (hit && value === undefined) faults.push(faultOf(name, hit));
    values[name] = value ?? settingTable[name].otherwise;
    sources[name] = hit?.source ?? defaultSource(name);
  }
  // Sound: the loops visit every name of the table, whose rows have the types of SettingValues.
  return { values, sources, faults } as Settings;
}

function* look(name: SettingName, { code, environment, profile }: SettingSources): Generator<Found> {
  const row: Row<unknown> = settingTable[name];
  const given = code?.[name];
  if (given !== undefined) yield { given, source: { kind: 'code', place: 'code' } };
  for (const variable of row.environment ?? []) {
    const value = environment?.[variable];
    if (value) yield { given: value, source: { kind: 'environment', place: variable } };
  }
  for (const key of row.file ?? []) {
    const value = profile?.keys[key];
    if (value) yield { given: value, source: { kind: 'file', place: `${key} in ${profile.place}` } };
  }
}

/**
 * A proxy of the environment may be meant for other programs: it is only wrong for a client that would use
 * it.
 */
function mayWait(setting: string, { sources }: Settings): boolean {
  return (setting === 'httpProxy' || setting === 'httpsProxy') && sources[setting].kind === 'environment';
}

/** The strongest source that has any part of a key gives all of it; returns what is wrong with it then. */
function keepKeysTogether(found: Map<SettingName, Found>, from: SettingSources): SettingFault[] {
  const kinds =
    from.code?.profile === undefined
      ? (['code', 'environment', 'file'] as const)
      : (['code', 'file'] as const);
  const kind = kinds.find((one) =>
    secretParts.some((name) => [...look(name, from)].some(({ source }) => source.kind === one)),
  );
  for (const name of [...secretParts, 'keyExpiration'] as const) {
    const part = [...look(name, from)].find(({ source }) => source.kind === kind);
    if (part) found.set(name, part);
    else found.delete(name);
  }
  const id = found.get('accessKeyId');
  const secret = found.get('secretAccessKey');
  if ((id === undefined) === (secret === undefined)) return [];
  return [
    {
      setting: id ? 'secretAccessKey' : 'accessKeyId',
      value: '',
      source: describe((id ?? secret)?.source),
      allowed: 'accessKeyId and secretAccessKey in the same place',
    },
  ];
}

function parse(name: SettingName, { given, source }: Found): unknown {
  return ruleFor(name, source).parse(given);
}

function faultOf(name: SettingName, { given, source }: Found): SettingFault {
  const { allowed } = ruleFor(name, source);
  return { setting: name, value: mask(name, given), source: describe(source), allowed };
}

function ruleFor(name: SettingName, source: Source): Rule<unknown> {
  const row: Row<unknown> = settingTable[name];
  return (source.kind === 'environment' && row.environmentRule) || row.rule;
}

function refuseUnknown(code: CodeSettings): void {
  for (const [name, value] of Object.entries(code)) {
    if (Object.hasOwn(settingTable, name)) continue;
    throw new SettingError({
      setting: name,
      value: typeof value,
      source: 'code',
      allowed: `one of the settings ${names().join(', ')}`,
    });
  }
}

/** A source in words. */
export function describe(source: Source | undefined): string {
  if (source === undefined || source.kind === 'unset') return 'not set';
  return source.kind === 'environment' ? `environment ${source.place}` : source.place;
}

function defaultSource(name: SettingName): Source {
  return settingTable[name].otherwise === undefined
    ? { kind: 'unset', place: 'not set' }
    : { kind: 'default', place: 'default' };
}

function names(): SettingName[] {
  // Sound: the table has exactly the settings as keys.
  return Object.keys(settingTable) as SettingName[];
}
