import { ASPECTS, type Aspect } from '@sluice/connection/buckets/aspect-names';
import type { Command } from '../command.ts';
import { UsageError } from '../complaint.ts';
import { EXIT } from '../exit.ts';
import { type Options, parseCount } from '../options.ts';
import { printJson, printLine } from '../print.ts';
import { connect } from '../storage/connect.ts';
import { parseStorage, STORAGE_OPTIONS } from '../storage/options.ts';
import { parseNewBucket } from '../storage/place.ts';

const OPTIONS = {
  versioning: { type: 'boolean', help: 'keep old versions of what is replaced or deleted' },
  'object-lock': {
    type: 'boolean',
    help: 'let objects be locked; keeps old versions, and cannot be undone',
  },
  'cors-origin': {
    type: 'string',
    multiple: true,
    value: 'origin',
    help: 'whose pages may upload and download directly; may be given again',
  },
  'kms-key': { type: 'string', value: 'arn', help: "encrypt with this key instead of S3's own" },
  'expire-after': { type: 'string', value: 'days', help: 'delete objects when they are this old' },
  'abort-after': {
    type: 'string',
    value: 'days',
    help: 'clear unfinished uploads away when they are this old; 7, where no rule does so yet',
  },
  without: {
    type: 'string',
    multiple: true,
    value: 'aspect',
    help: 'leave out what the store does not have, such as encryption; may be given again',
  },
} as const satisfies Options;

export const mb: Command = {
  name: 'mb',
  summary: 'make a bucket that is safe by default',
  usage: '<s3://bucket> [options]',
  details:
    'Nothing in it can be public, ACLs are off, everything is encrypted, calls without TLS are denied, and unfinished\n' +
    'uploads are cleared away. Safe to run again: a bucket that is there gets what it lacks, and keeps what it has.\n' +
    'What the store refuses is named, and the rest is done. --without takes public-access, encryption, versioning,\n' +
    'object-lock, policy, cors and lifecycle. With --json: {"bucket", "region", "created"}.',
  options: OPTIONS,
  shared: STORAGE_OPTIONS,
  examples: [
    ['sluice mb s3://my-bucket --region eu-central-1', 'makes it'],
    ['sluice mb s3://my-bucket --versioning --cors-origin https://app.example.com', 'lets a page use it'],
  ],
  run: async (argv, world) => {
    const { values, positionals } = parseStorage(argv, OPTIONS);
    const [name, ...more] = positionals;
    if (name === undefined || more.length > 0) throw new UsageError('Which bucket? One at a time.');
    const bucket = parseNewBucket(name);
    const wanted = {
      versioning: values.versioning === true,
      objectLock: values['object-lock'] === true,
      corsOrigins: (values['cors-origin'] ?? []).map(toOrigin),
      kmsKeyArn: values['kms-key'],
      expireAfterDays: toDays('expire-after', values['expire-after']),
      abortAfterDays: toDays('abort-after', values['abort-after']),
      without: (values.without ?? []).map(toAspect),
    };
    const { make } = await import('../storage/mb.ts');
    using session = await connect(values, world);
    const { region, created } = await make(session, bucket, wanted);
    if (values.json) printJson(world.stdout, { bucket, region, created });
    else printLine(world.stdout, `s3://${bucket}  ${created ? 'made' : 'completed'}, in ${region}`);
    return EXIT.ok;
  },
};

function toAspect(text: string): Aspect {
  const aspect = ASPECTS.find((one) => one === text);
  if (aspect !== undefined) return aspect;
  throw new UsageError(`--without must be one of ${ASPECTS.join(', ')}, not "${text}".`);
}

function toDays(name: string, text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseCount(name, text, [1, 36_500]);
}

/** An origin as browsers send it: a path or a slash at its end would never match. */
function toOrigin(text: string): string {
  if (text === '*')
    throw new UsageError('--cors-origin * would let every page in: name the origins of your own.');
  if (URL.canParse(text) && new URL(text).origin === text) return text;
  throw new UsageError(`--cors-origin must be an origin such as https://app.example.com, not "${text}".`);
}
