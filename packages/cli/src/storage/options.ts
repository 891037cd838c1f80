import { UsageError } from '../complaint.ts';
import { COMMON_OPTIONS, type Options, parseAll } from '../options.ts';

/**
 * Taken by every command that talks to S3 itself. What is not said here comes from environment and shared
 * files.
 */
export const STORAGE_OPTIONS = {
  profile: { type: 'string', value: 'name', help: 'a profile of ~/.aws/config; AWS_PROFILE when absent' },
  region: { type: 'string', value: 'region', help: 'AWS_REGION, or that of the profile, when absent' },
  endpoint: {
    type: 'string',
    value: 'url',
    help: 'another S3 than that of AWS (also --endpoint-url); AWS_ENDPOINT_URL when absent',
  },
  'addressing-style': {
    type: 'string',
    value: 'style',
    help: 'path or virtual: bucket after or before the host; auto when absent',
  },
  'role-arn': { type: 'string', value: 'arn', help: 'a role to assume' },
  'external-id': { type: 'string', value: 'text', help: 'what the role wants to hear' },
  'no-sign-request': {
    type: 'boolean',
    help: 'sign nothing and look for no keys: for buckets that are open to everybody',
  },
  'ca-bundle': {
    type: 'string',
    value: 'file',
    help: 'PEM file with the authorities to trust; AWS_CA_BUNDLE when absent',
  },
  'connect-timeout': { type: 'string', value: 'seconds', help: 'to connect, TLS included; 10 when absent' },
  'read-timeout': {
    type: 'string',
    value: 'seconds',
    help: 'to be answered, and between bytes; 60 when absent',
  },
  local: { type: 'boolean', help: "the local stack's S3, with its well-known keys and nothing of yours" },
  debug: { type: 'boolean', help: 'write a line of JSON to standard error for each call' },
  ...COMMON_OPTIONS,
} as const satisfies Options;

/** Their values. */
export type StorageValues = {
  readonly profile?: string | undefined;
  readonly region?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly 'addressing-style'?: string | undefined;
  readonly 'role-arn'?: string | undefined;
  readonly 'external-id'?: string | undefined;
  readonly 'no-sign-request'?: boolean | undefined;
  readonly 'ca-bundle'?: string | undefined;
  readonly 'connect-timeout'?: string | undefined;
  readonly 'read-timeout'?: string | undefined;
  readonly 'max-bandwidth'?: string | undefined;
  readonly local?: boolean | undefined;
  readonly debug?: boolean | undefined;
  readonly json?: boolean | undefined;
};

/** Reads the command line of a command that talks to S3. Throws UsageError. */
export function parseStorage<const T extends Options>(argv: readonly string[], options: T) {
  // The AWS CLI's spellings.
  return parseAll(
    argv.map((word) =>
      word
        .replace(/^--endpoint-url(?==|$)/, '--endpoint')
        .replace(/^--cli-(?=(connect|read)-timeout(=|$))/, '--'),
    ),
    { ...STORAGE_OPTIONS, ...options },
  );
}

/** A time in seconds, fractions allowed, as milliseconds. Throws UsageError. */
export function parseSeconds(name: string, text: string): number {
  const milliseconds = /^\d{1,6}(\.\d{1,3})?$/.test(text) ? Math.round(Number(text) * 1000) : 0;
  if (milliseconds > 0) return milliseconds;
  throw new UsageError(`--${name} must be a number of seconds greater than 0.`);
}

const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

const MOST_SECONDS = 7 * SECONDS.d;

/** `900`, `15m`, `12h` or `7d`, the most that S3 allows, as seconds. Throws UsageError. */
export function parseDuration(name: string, text: string): number {
  const [, count = '', unit = 's'] = /^(\d{1,6})([smhd])?$/.exec(text) ?? [];
  const seconds = Number(count) * SECONDS[unit as keyof typeof SECONDS]; // the pattern knows no other unit
  if (seconds > 0 && seconds <= MOST_SECONDS) return seconds;
  throw new UsageError(`--${name} must be seconds, or a time such as 15m or 12h, and 7d or less.`);
}

/** A number of bytes: `1048576`, `8MiB`, `5GiB`. Throws UsageError. */
export function parseBytes(name: string, text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,15})(?:([KMG])iB)?$/.exec(text) ?? [];
  const bytes = Number(count) * 1024 ** ' KMG'.indexOf(unit || ' ');
  if (count !== '' && Number.isSafeInteger(bytes)) return bytes;
  throw new UsageError(`--${name} must be a number of bytes, such as 1048576, 8MiB or 1GiB.`);
}
