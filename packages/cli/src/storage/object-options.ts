import { readFile } from 'node:fs/promises';
import type { BucketParams, CopyParams, CustomerKey } from '@sluice/connection/transfers/params';
import { Complaint, UsageError } from '../complaint.ts';
import type { Options } from '../options.ts';
import { printable } from '../text.ts';
import { toMetadata } from '../upload-options.ts';
import type { Route } from './route.ts';

/** Who pays for the calls: taken by every command that reads or writes objects. */
export const PAYER_OPTION = {
  'request-payer': {
    type: 'string',
    value: 'requester',
    help: 'pay for the calls, as the buckets of some owners demand',
  },
} as const satisfies Options;

/** What S3 keeps with an object, and what goes with the calls that read or make it. */
export const OBJECT_OPTIONS = {
  'content-type': {
    type: 'string',
    value: 'type',
    help: 'what it is; by its extension when absent',
  },
  metadata: {
    type: 'string',
    short: 'm',
    multiple: true,
    value: 'key=value',
    help: 'a text to keep with it; may be given again',
  },
  'storage-class': {
    type: 'string',
    value: 'class',
    help: 'such as STANDARD_IA or GLACIER_IR',
  },
  'cache-control': { type: 'string', value: 'text', help: 'how long it may be cached' },
  'content-disposition': {
    type: 'string',
    value: 'text',
    help: 'how a browser shows or names it',
  },
  'content-encoding': {
    type: 'string',
    value: 'name',
    help: 'how it is packed, such as gzip',
  },
  'content-language': { type: 'string', value: 'tag', help: 'such as de-CH' },
  'metadata-directive': {
    type: 'string',
    value: 'REPLACE',
    help: 'give a copy the type, metadata and headers of this line alone',
  },
  acl: { type: 'string', value: 'name', help: 'such as bucket-owner-full-control' },
  sse: { type: 'string', value: 'name', help: 'how S3 encrypts it: AES256 or aws:kms' },
  'sse-kms-key-id': { type: 'string', value: 'id', help: 'with which key of KMS' },
  'sse-c-key': {
    type: 'string',
    value: 'file',
    help: 'a key of your own, 32 bytes or their base64: S3 uses it and forgets it',
  },
  'sse-c-copy-source-key': {
    type: 'string',
    value: 'file',
    help: 'the same, of the source of a copy',
  },
  'object-lock-mode': {
    type: 'string',
    value: 'mode',
    help: 'GOVERNANCE or COMPLIANCE, until the date of the next option',
  },
  'object-lock-retain-until-date': {
    type: 'string',
    value: 'time',
    help: 'such as 2030-01-31T12:00:00Z',
  },
  'object-lock-legal-hold-status': {
    type: 'string',
    value: 'ON',
    help: 'keep it from being deleted, or OFF',
  },
  'expected-bucket-owner': {
    type: 'string',
    value: 'account',
    help: "refuse a bucket that is another account's",
  },
  ...PAYER_OPTION,
} as const satisfies Options;

type Values = { readonly [Name in keyof typeof OBJECT_OPTIONS]?: string | readonly string[] | undefined };

/** Options whose value goes to S3 as it is; whether it is one that S3 knows is for S3 to say. */
export const FIELD_OF = {
  'content-type': 'ContentType',
  'storage-class': 'StorageClass',
  'cache-control': 'CacheControl',
  'content-disposition': 'ContentDisposition',
  'content-encoding': 'ContentEncoding',
  'content-language': 'ContentLanguage',
  'metadata-directive': 'MetadataDirective',
  acl: 'ACL',
  sse: 'ServerSideEncryption',
  'sse-kms-key-id': 'SSEKMSKeyId',
  'object-lock-mode': 'ObjectLockMode',
  'object-lock-legal-hold-status': 'ObjectLockLegalHoldStatus',
  'expected-bucket-owner': 'ExpectedBucketOwner',
} as const satisfies { readonly [Name in keyof typeof OBJECT_OPTIONS]?: keyof CopyParams };

/** What a download takes of them, and what only a copy does. */
const FOR_DOWNLOADS: readonly string[] = ['sse-c-key', 'expected-bucket-owner', 'request-payer'];
const FOR_COPIES: readonly string[] = ['metadata-directive', 'sse-c-copy-source-key'];

/** What a copy has from its source, unless it is told otherwise. */
const OF_METADATA: readonly (keyof typeof OBJECT_OPTIONS)[] = [
  'content-type',
  'metadata',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
];

/**
 * What the options say. Throws UsageError for one that the route has no use for, and Complaint for a key that
 * cannot be read.
 */
export async function toObjectParams(values: Values, { kind }: Route): Promise<CopyParams> {
  for (const option of Object.keys(OBJECT_OPTIONS)) {
    if (!(option in values)) continue;
    if (kind === 'download' && !FOR_DOWNLOADS.includes(option))
      throw new UsageError(
        `--${option} is for ${FOR_COPIES.includes(option) ? 'copies inside S3' : 'uploads'}.`,
      );
    if (kind === 'upload' && FOR_COPIES.includes(option))
      throw new UsageError(`--${option} is for copies inside S3.`);
  }
  const ignored = OF_METADATA.find((option) => option in values);
  if (kind === 'copy' && ignored !== undefined && values['metadata-directive'] !== 'REPLACE')
    throw new UsageError(`--${ignored} needs --metadata-directive REPLACE: S3 would ignore it.`);
  const metadata = toMetadata(asList(values.metadata));
  const until = values['object-lock-retain-until-date'];
  const fields = Object.entries(FIELD_OF).flatMap(([option, field]) => {
    const value = values[option as keyof typeof FIELD_OF];
    return value === undefined ? [] : [[field, value] as const];
  });
  return {
    ...Object.fromEntries(fields),
    ...toPayer(values['request-payer']?.toString()),
    ...(metadata !== undefined && { Metadata: metadata }),
    ...(until !== undefined && { ObjectLockRetainUntilDate: toInstant(String(until)) }),
    ...(await readKey('sse-c-key', values, 'SSECustomerKey')),
    ...(await readKey('sse-c-copy-source-key', values, 'CopySourceSSECustomerKey')),
  };
}

/** Who pays. Throws UsageError for anybody but the requester: the owner does when nobody is named. */
export function toPayer(given: string | undefined): BucketParams {
  if (given === undefined) return {};
  if (given === 'requester') return { RequestPayer: given };
  throw new UsageError('--request-payer must be requester: else the owner pays.');
}

function asList(given: string | readonly string[] | undefined): readonly string[] | undefined {
  return typeof given === 'string' ? [given] : given;
}

function toInstant(text: string): Date {
  const at = Date.parse(text);
  if (/^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(at)) return new Date(at);
  throw new UsageError('--object-lock-retain-until-date must be a time such as 2030-01-31T12:00:00Z.');
}

/** From a file, as in the AWS CLI: what stands on a command line is seen by everybody on the machine. */
async function readKey(
  option: 'sse-c-key' | 'sse-c-copy-source-key',
  values: Values,
  field: 'SSECustomerKey' | 'CopySourceSSECustomerKey',
): Promise<{ readonly [Name in typeof field]?: CustomerKey }> {
  const given = values[option];
  if (given === undefined) return {};
  const path = String(given).replace(/^fileb?:\/\//, '');
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new Complaint(`The key of --${option} cannot be read: ${printable(path)} (${error.code}).`);
  });
  if (bytes.length === 32) return { [field]: bytes };
  const decoded = Buffer.from(bytes.toString().trim(), 'base64');
  if (decoded.length === 32) return { [field]: decoded };
  throw new Complaint(
    `The file of --${option} must hold 32 bytes, or their base64.`,
    `\`openssl rand -out ${printable(path)} 32\` makes a key.`,
  );
}
