import type { Command } from '../command.ts';
import { UsageError } from '../complaint.ts';
import { EXIT } from '../exit.ts';
import type { Options } from '../options.ts';
import { printJson, printLine } from '../print.ts';
import { connect } from '../storage/connect.ts';
import { PAYER_OPTION, toPayer } from '../storage/object-options.ts';
import { parseBytes, parseDuration, parseStorage, STORAGE_OPTIONS } from '../storage/options.ts';
import { parsePlace } from '../storage/place.ts';
import { printable } from '../text.ts';
import type { World } from '../world.ts';

const OPTIONS = {
  expires: {
    type: 'string',
    short: 'e',
    value: 'time',
    help: 'seconds, or 15m, 12h, up to 7d; 3600 when absent',
  },
  'content-type': { type: 'string', value: 'type', help: 'what has to be uploaded (put, post)' },
  'content-length': { type: 'string', value: 'bytes', help: 'exactly how much has to be uploaded (put)' },
  'max-bytes': {
    type: 'string',
    value: 'bytes',
    help: 'the most that may be uploaded (post); 5GiB when absent',
  },
  'if-absent': { type: 'boolean', help: 'only if there is no such object yet (put)' },
  'version-id': { type: 'string', value: 'id', help: 'an old version (get)' },
  ...PAYER_OPTION,
} as const satisfies Options;

const METHODS = ['get', 'put', 'post'] as const;

/** Which options are for which method; a limit that is not signed would be none. */
const METHODS_OF: Readonly<Record<string, readonly string[]>> = {
  'content-type': ['put', 'post'],
  'content-length': ['put'],
  'max-bytes': ['post'],
  'if-absent': ['put'],
  'version-id': ['get'],
  'request-payer': ['get', 'put'],
};

export const presign: Command = {
  name: 'presign',
  summary: 'sign a URL, or a form, for one object',
  usage: '<get|put|post> <s3://bucket/key> [options]',
  details:
    'Writes the URL; for post {"url", "fields"}, as generate_presigned_post of boto3 gives it. With --json a URL is a JSON\n' +
    'string. Standard error tells how long it is good for, which is never longer than the keys that signed it. Nothing is\n' +
    'asked of S3: whether the object exists, and whether the keys may use it, shows when the URL is used.',
  options: OPTIONS,
  shared: STORAGE_OPTIONS,
  examples: [
    ['sluice presign get s3://my-bucket/photo.jpg --expires 15m', 'lets somebody download it'],
    [
      'curl -T a.png -H "content-type: image/png" "$(sluice presign put s3://b/a.png --content-type image/png)"',
      'uploads',
    ],
    ['sluice presign post s3://my-bucket/a.png --max-bytes 5MiB', 'gives a form to a page'],
  ],
  run: async (argv, world) => {
    const { values, positionals } = parseStorage(argv, OPTIONS);
    const [word, name, ...more] = positionals;
    const method = METHODS.find((known) => known === word);
    if (method === undefined) throw new UsageError(`First say which: ${METHODS.join(', ')}.`);
    if (name === undefined || more.length > 0) throw new UsageError('Which object? One at a time.');
    const { bucket, key } = parsePlace(name);
    if (values['no-sign-request'])
      throw new UsageError('--no-sign-request is not for presign: a URL that nobody signed opens nothing.');
    if (key === '') throw new UsageError('Name an object: s3://bucket/key.');
    for (const [option, methods] of Object.entries(METHODS_OF)) {
      if (option in values && !methods.includes(method))
        throw new UsageError(`--${option} is not for ${method}.`);
    }
    const { 'content-length': length, 'max-bytes': most } = values;
    const wanted = {
      method,
      bucket,
      key,
      expiresInSeconds: parseDuration('expires', values.expires ?? '3600'),
      contentType: values['content-type'],
      contentLength: length === undefined ? undefined : parseBytes('content-length', length),
      maxBytes: most === undefined ? undefined : parseBytes('max-bytes', most),
      ifAbsent: values['if-absent'] === true,
      versionId: values['version-id'],
      requestPayer: toPayer(values['request-payer']).RequestPayer,
    };
    const { sign } = await import('../storage/presign.ts');
    using session = await connect(values, world);
    const { signed, expiresAt, headers } = await sign(session, wanted, world.timing.now);
    if (typeof signed === 'string' && !values.json) printLine(world.stdout, signed);
    else printJson(world.stdout, signed);
    if (!values.json) printTerms(world, expiresAt, headers);
    return EXIT.ok;
  },
};

function printTerms(world: World, expiresAt: Date, headers: Readonly<Record<string, string>>): void {
  printLine(world.stderr, `Good until ${expiresAt.toISOString()}.`);
  const sent = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  if (sent.length > 0) printLine(world.stderr, `To be sent with ${printable(sent.join(', '))}.`);
}
