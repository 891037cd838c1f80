import { isRunning } from './running-names.ts';
import { type Row, TYPES } from './type-table.ts';

/** A file as a type of your own sees it. */
export type OwnFile = {
  /** bytes of all of it */
  readonly size: number;
  /** the first 8 KiB, or all of a smaller file */
  readonly prefix: Uint8Array;
  /** the last `tailBytes`; empty where the type asks for none */
  readonly tail: Uint8Array;
  /** the prefix as text, without a byte order mark; empty where it is none */
  readonly text: string;
  /** the names of the files in it, where it is made of zip; of more than some 1,400 only the first */
  readonly entries: readonly string[];
};

/** A type that one deployment knows besides those of the table. Something in the bytes has to tell it. */
export type OwnType = {
  /** how it is judged besides: a text has to be text, and nothing that a browser runs stands in media */
  readonly family: 'text' | 'media' | 'opaque';
  /** the first is the one that a file without any is downloaded with */
  readonly extensions: readonly [string, ...string[]];
  /** other names under which the same type is declared */
  readonly aliases?: readonly string[];
  /**
   * bytes that stand at certain places of the first 8 KiB, all of them; written one character for each byte
   */
  readonly magic?: readonly { readonly at: number; readonly bytes: string }[];
  /**
   * what else has to be true of the file; throwing counts as no. Has to be quick on any bytes: nothing stops
   * it.
   */
  readonly structure?: (file: OwnFile) => boolean;
  /**
   * how much of the file's end `structure` looks at, in bytes, at most 64 KiB: one read more for each file
   */
  readonly tailBytes?: number;
  /** for formats that are zip archives inside: the archive is held to its directory first */
  readonly madeOf?: 'zip';
};

const OWN = new Map<string, OwnType>();
const BY_ALIAS = new Map<string, string>();
const BY_EXTENSION = new Map<string, string>();

/** A type of this deployment's own, by its name. */
export function ownTypeOf(type: string): OwnType | undefined {
  return OWN.get(type);
}

/** The type of this deployment's own that has an alias. */
export function ownTypeByAlias(name: string): string | undefined {
  return BY_ALIAS.get(name);
}

/** The type of this deployment's own that an extension stands for. */
export function ownTypeByExtension(extension: string): string | undefined {
  return BY_EXTENSION.get(extension);
}

/** Every type of this deployment's own. */
export function allOwnTypes(): readonly (readonly [name: string, type: OwnType])[] {
  return [...OWN];
}

/**
 * Adds types to those of the table, for src/policies.ts, which every function that judges a type loads first.
 * Gives them back, so that policies can name them. Throws an error that names what is wrong with a
 * definition.
 */
export function defineTypes<const Types extends Readonly<Record<string, OwnType>>>(types: Types): Types {
  for (const [name, type] of Object.entries(types)) {
    const flaw = flawOf(name, type);
    if (flaw !== undefined) throw new Error(`the type ${name} ${flaw}`);
    add(name, type);
  }
  return types;
}

/**
 * Adds what the API says of a deployment's own types, for a page that only has to name files: nothing is
 * judged there. Types that are known already stay as they are.
 */
export function learnTypes(
  types: readonly { readonly type: string; readonly extensions: readonly string[] }[],
): void {
  for (const { type, extensions } of types) {
    const [first, ...others] = extensions;
    if (first !== undefined && !OWN.has(type))
      add(type, { family: 'opaque', extensions: [first, ...others] });
  }
}

function add(name: string, type: OwnType): void {
  OWN.set(name, type);
  for (const alias of type.aliases ?? []) BY_ALIAS.set(alias, name);
  for (const extension of type.extensions) {
    // What stands for a type of the table goes on standing for that, and is right for both.
    if (!IN_TABLE.has(extension) && !BY_EXTENSION.has(extension)) BY_EXTENSION.set(extension, name);
  }
}

const ROWS: readonly (readonly [string, Row])[] = Object.entries(TYPES);
const IN_TABLE: ReadonlySet<string> = new Set(ROWS.flatMap(([, { extensions }]) => extensions));
const NAMES: ReadonlySet<string> = new Set(ROWS.flatMap(([name, { aliases = [] }]) => [name, ...aliases]));

const NAME = /^[a-z\d][\w!#$&^.+-]{0,62}\/[a-z\d][\w!#$&^.+-]{0,126}$/;
// What a browser or a mail program runs, whatever a team calls it.
const ACTIVE = /html|xml|svg|script|xslt|mathml|multipart|x-shockwave|octet-stream/;
const PREFIX_BYTES = 8_192;
const TAIL_MAX_BYTES = 65_536;

function flawOf(name: string, type: OwnType): string | undefined {
  const { extensions, aliases = [], magic = [], structure, tailBytes = 0, madeOf } = type;
  for (const one of [name, ...aliases]) {
    if (!NAME.test(one) || one !== one.toLowerCase())
      return `has a name that is no type in lower case: ${one}`;
    if (NAMES.has(one)) return `is called as one that Sluice knows: ${one}`;
    if (ACTIVE.test(one)) return `is called as what browsers run, or as nothing: ${one}`;
  }
  if (OWN.has(name)) return 'is defined twice';
  const bad = extensions.find((extension) => !/^[a-z\d][a-z\d_-]{0,15}$/.test(extension));
  if (bad !== undefined) return `has an extension that is none: ${bad}`;
  const running = extensions.find(isRunning);
  if (running !== undefined) return `has an extension of files that run: ${running}`;
  if (magic.length === 0 && structure === undefined && madeOf === undefined) {
    return 'has nothing that tells it: give it magic, structure or what it is made of';
  }
  const isBytes = (text: string) => text !== '' && [...text].every((character) => character <= '\xff');
  if (magic.some(({ at, bytes }) => at < 0 || !isBytes(bytes) || at + bytes.length > PREFIX_BYTES)) {
    return 'has magic that is no bytes, or does not lie in the first 8 KiB';
  }
  if (tailBytes < 0 || tailBytes > TAIL_MAX_BYTES) return 'asks for more than 64 KiB of the end';
  return undefined;
}
