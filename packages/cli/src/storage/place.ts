import { UsageError } from '../complaint.ts';
import { printable } from '../text.ts';

/** What `s3://bucket/key` names; the key is empty for the bucket itself. */
export type S3Place = { readonly bucket: string; readonly key: string };

/** One end of a copy. */
export type End =
  | ({ readonly kind: 's3' } & S3Place)
  | { readonly kind: 'file'; readonly path: string }
  /** standard input or output */
  | { readonly kind: 'pipe' };

/** The name of a bucket, its alias, or the ARN of an access point, whose own name comes after a slash. */
const BUCKET =
  /^s3:\/\/(arn:[\w:-]+:(?:outpost\/[\w-]+\/)?accesspoint[:/][\w.-]+|[\w.-]{3,255})(?:\/(.*))?$/s;

/** Reads `s3://bucket/key`. Throws UsageError. */
export function parsePlace(text: string): S3Place {
  const [, bucket, key = ''] = BUCKET.exec(text) ?? [];
  if (bucket !== undefined) return { bucket, key };
  throw new UsageError(`"${printable(text)}" is not of the form s3://bucket/key.`);
}

/** The one bucket that a command was given, without a key. Throws UsageError. */
export function parseBucket(text: string): string {
  const { bucket, key } = parsePlace(text);
  if (key === '') return bucket;
  throw new UsageError(`Name the bucket alone: s3://${bucket}.`);
}

/** What S3 asks of the name of a bucket that is to be made; old ones may have others. */
const NAME_RULES: readonly (readonly [wrong: RegExp, rule: string])[] = [
  [/^.{0,2}$|^.{64,}$/, 'has 3 to 63 characters'],
  [/[^a-z0-9.-]/, 'is of lower case letters, digits, dots and hyphens'],
  [/^[.-]|[.-]$/, 'begins and ends with a letter or a digit'],
  [/\.\./, 'has no two dots in a row'],
  [/^\d+\.\d+\.\d+\.\d+$/, 'is no IP address'],
];

/** The name of a bucket that is to be made. Throws UsageError, with the rule that it breaks. */
export function parseNewBucket(text: string): string {
  const [, name] = /^s3:\/\/([^/]+)\/?$/.exec(text) ?? [];
  if (name === undefined) throw new UsageError(`"${printable(text)}" is not of the form s3://bucket.`);
  const [, rule] = NAME_RULES.find(([wrong]) => wrong.test(name)) ?? [];
  if (rule !== undefined) throw new UsageError(`"${printable(name)}" cannot be made: a name ${rule}.`);
  return name;
}

/** `s3://…`, `-`, or a path. Throws UsageError. */
export function parseEnd(text: string): End {
  if (text === '-') return { kind: 'pipe' };
  return text.startsWith('s3://') ? { kind: 's3', ...parsePlace(text) } : { kind: 'file', path: text };
}

/** The place as it is written, safe to show. */
export function toUrl({ bucket, key }: S3Place): string {
  return printable(`s3://${bucket}/${key}`);
}
