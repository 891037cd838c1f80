import { parseArgs } from 'node:util';
import { UsageError } from './complaint.ts';

/** An option of the command line: what node:util's parseArgs wants to know, and what --help tells. */
export type Option = {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  readonly multiple?: boolean;
  /** what stands for the value in --help */
  readonly value?: string;
  readonly help: string;
};

export type Options = Readonly<Record<string, Option>>;

/** Taken by every command, whatever it talks to. */
export const COMMON_OPTIONS = {
  json: { type: 'boolean', help: 'write JSON for scripts' },
  help: { type: 'boolean', short: 'h', help: 'explain the command' },
  version: { type: 'boolean', short: 'V', help: 'write the version' },
} as const satisfies Options;

/** Taken by every command that talks to Sluice's API. */
export const GLOBAL_OPTIONS = {
  endpoint: {
    type: 'string',
    value: 'url',
    help: 'the API; SLUICE_ENDPOINT, or the local stack, when absent',
  },
  token: {
    type: 'string',
    value: 'jwt',
    help: 'who you are; SLUICE_TOKEN, SLUICE_CLIENT_ID, or your login, when absent',
  },
  'token-url': {
    type: 'string',
    value: 'url',
    help: 'where services get tokens; SLUICE_TOKEN_URL, or what the API says, when absent',
  },
  ...COMMON_OPTIONS,
} as const satisfies Options;

/** Whose uploads are meant: for services, which have none of their own. */
export const OWNER_OPTIONS = {
  owner: { type: 'string', value: 'sub', help: 'as a service: whose, by the sub of their tokens' },
  'owner-tenant': { type: 'string', value: 'name', help: 'as a service: the tenant of the owner' },
} as const satisfies Options;

/** Reads the command line of a command that talks to Sluice's API. Throws UsageError, as `parseAll`. */
export function parse<const T extends Options>(argv: readonly string[], options: T) {
  return parseAll(argv, { ...GLOBAL_OPTIONS, ...options });
}

/**
 * What looks like an option and may be a file: it has a dot or a slash, and not in the value of an option.
 */
const DASHED_FILE = /^-[^=]*[./]/;

/**
 * Reads a command line by parseArgs: it is in Node, it types the values, and a dozen options need no more of
 * a library than that. Throws UsageError for what is unknown, incomplete, or given twice.
 */
export function parseAll<const T extends Options>(argv: readonly string[], options: T) {
  try {
    const { values, positionals, tokens } = parseArgs({
      args: [...argv],
      options,
      allowPositionals: true,
      strict: true,
      tokens: true,
    });
    const seen = new Set<string>();
    for (const token of tokens) {
      if (token.kind !== 'option') continue;
      if (seen.has(token.name) && options[token.name]?.multiple !== true) {
        throw new UsageError(`--${token.name} was given twice.`);
      }
      seen.add(token.name);
    }
    return { values, positionals };
  } catch (error) {
    // parseArgs explains itself well in its first sentence, and at length in the next.
    if (error instanceof TypeError) {
      const said = error.message.split(/\. |\n/, 1)[0]?.replace(/\.$/, '');
      const isFile = argv.some((word) => DASHED_FILE.test(word));
      throw new UsageError(
        `${said}.${isFile ? ' A file whose name begins with a dash is named ./-like-this.' : ''}`,
      );
    }
    throw error;
  }
}

/** The values of the global options, as every command gets them. */
export type GlobalValues = {
  readonly endpoint?: string | undefined;
  readonly token?: string | undefined;
  readonly 'token-url'?: string | undefined;
  readonly json?: boolean | undefined;
};

/** A whole number within bounds, from the text of an option. Throws UsageError. */
export function parseCount(name: string, text: string, [least, most]: readonly [number, number]): number {
  const count = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (count >= least && count <= most) return count;
  throw new UsageError(`--${name} must be a whole number from ${least} to ${most}.`);
}
