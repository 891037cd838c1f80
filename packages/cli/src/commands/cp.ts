import {
  CHECKSUM_ALGORITHMS,
  type ChecksumAlgorithm,
} from '@sluice/connection/transfers/checksum-algorithms';
import { toSize } from '@sluice/contract/size-text';
import type { Command } from '../command.ts';
import { UsageError } from '../complaint.ts';
import { EXIT } from '../exit.ts';
import { createLive } from '../live.ts';
import { toMeter } from '../meter.ts';
import { type Options, parseCount } from '../options.ts';
import { printJson, printLine } from '../print.ts';
import { connect } from '../storage/connect.ts';
import { OBJECT_OPTIONS, toObjectParams } from '../storage/object-options.ts';
import { parseBytes, parseStorage, STORAGE_OPTIONS } from '../storage/options.ts';
import { parseEnd } from '../storage/place.ts';
import { type Route, toRoute } from '../storage/route.ts';
import { printable } from '../text.ts';

const OPTIONS = {
  ...OBJECT_OPTIONS,
  'source-profile': {
    type: 'string',
    value: 'name',
    help: 'the profile that looks up the source of a copy; --profile when absent',
  },
  'source-region': {
    type: 'string',
    value: 'region',
    help: 'the region of the source of a copy; that of the target when absent',
  },
  'checksum-algorithm': {
    type: 'string',
    value: 'name',
    help: 'by what S3 checks and keeps it, such as SHA256; CRC32 when absent',
  },
  resume: { type: 'boolean', help: 'keep what came when it fails, and go on with it the next time' },
  'upload-id': { type: 'string', value: 'id', help: 'the upload to go on with, as a failed one told it' },
  'part-size': {
    type: 'string',
    value: 'bytes',
    help: 'size of a part, 8MiB when absent; from 5MiB to 5GiB (uploads, copies)',
  },
  concurrency: { type: 'string', value: 'count', help: 'parts under way at once; 10 when absent' },
  'max-bandwidth': {
    type: 'string',
    value: 'rate',
    help: 'the most that is sent or received, such as 10MB/s; no limit when absent',
  },
  quiet: { type: 'boolean', short: 'q', help: 'write neither progress nor result, unless with --json' },
} as const satisfies Options;

const UPLOADS_ONLY = ['upload-id'] as const;

export const cp: Command = {
  name: 'cp',
  summary: 'copy a file to S3, from S3, or inside it',
  usage: '<from> <to> [options]',
  details:
    'Each is a path, s3://bucket/key, or - for standard input or output; one of them is in S3. A place that ends with a slash\n' +
    'keeps the name. What is there is replaced. Large files go in parts, side by side; checksums are compared at the end.\n' +
    'With --resume the same command goes on where it was stopped: with the parts of an upload, the ranges of a download.\n' +
    'With --json: {"from", "to", "bytes", "etag", "versionId"}, on standard error when the bytes are on standard output.\n' +
    'What is kept with an object is for uploads and copies; a copy has it from its source, unless it is replaced.\n' +
    'One file at a time: for whole trees there is `aws s3 sync`.',
  options: OPTIONS,
  shared: STORAGE_OPTIONS,
  examples: [
    ['sluice cp photo.jpg s3://my-bucket/2026/', 'uploads it as 2026/photo.jpg'],
    ['sluice cp s3://my-bucket/2026/photo.jpg .', 'downloads it into this folder'],
    ['pg_dump app | sluice cp - s3://my-bucket/app.sql', 'uploads what a program writes'],
    ['sluice cp s3://my-bucket/a.csv s3://other/a.csv', 'copies inside S3'],
  ],
  run: async (argv, world) => {
    const { values, positionals } = parseStorage(argv, OPTIONS);
    const [from, to, ...more] = positionals;
    if (from === undefined || to === undefined || more.length > 0)
      throw new UsageError('From where to where? Two places, please.');
    const route = await toRoute(parseEnd(from), parseEnd(to), world.folder);
    refuseMisplaced(values, route);
    const { 'upload-id': uploadId, 'part-size': partSize, concurrency } = values;
    const options = {
      resume: values.resume === true,
      params: await toObjectParams(values, route),
      ...toAlgorithm(values['checksum-algorithm']),
      ...(uploadId !== undefined && { uploadId }),
      ...(partSize !== undefined && { partBytes: toPartBytes(partSize, route) }),
      ...(concurrency !== undefined && { concurrency: parseCount('concurrency', concurrency, [1, 1000]) }),
    };

    const ofSource = toSourceValues(values);
    const { copy } = await import('../storage/cp.ts');
    using session = await connect(values, world);
    using source = ofSource ? await connect({ ...values, ...ofSource }, world) : undefined;
    // Lines of --debug would tear the one that changes in place.
    const live = createLive(
      values.debug || values.quiet ? { write: () => true } : world.stderr,
      world.timing.now,
    );
    const startedAt = world.timing.now();
    const name = printable(route.name);
    const onProgress = (progress: { transferredBytes: number; totalBytes: number | undefined }) => {
      const elapsedMs = world.timing.now() - startedAt;
      live.set('cp', `${name}  ${toMeter(progress.transferredBytes, progress.totalBytes, elapsedMs)}`);
    };
    const tell = (text: string) => {
      if (!values.json) live.keep(() => printLine(world.stderr, `${name}  ${printable(text)}`));
    };
    const copied = await copy({ session, source }, route, { ...options, onProgress, tell }, world).finally(
      () => live.clear('cp'),
    );

    const screen = route.kind === 'download' && route.to.kind === 'pipe' ? world.stderr : world.stdout;
    if (values.json) printJson(screen, { from, to: route.shown, ...copied });
    else if (!values.quiet)
      printLine(screen, `${printable(from)} → ${printable(route.shown)}  ${toSize(copied.bytes)}`);
    return EXIT.ok;
  },
};

/**
 * What the session for the source of a copy has in place of the options of the other; undefined where there
 * is but one.
 */
function toSourceValues(values: {
  readonly 'source-profile'?: string | undefined;
  readonly 'source-region'?: string | undefined;
}): { readonly profile?: string; readonly region?: string } | undefined {
  const { 'source-profile': profile, 'source-region': region } = values;
  if (profile === undefined && region === undefined) return undefined;
  return { ...(profile !== undefined && { profile }), ...(region !== undefined && { region }) };
}

function toAlgorithm(text: string | undefined): { readonly checksumAlgorithm?: ChecksumAlgorithm } {
  if (text === undefined) return {};
  const checksumAlgorithm = CHECKSUM_ALGORITHMS.find((one) => one === text.toUpperCase().replaceAll('-', ''));
  if (checksumAlgorithm !== undefined) return { checksumAlgorithm };
  throw new UsageError(
    `--checksum-algorithm must be one of ${CHECKSUM_ALGORITHMS.join(', ')}, not "${text}".`,
  );
}

const MOST_PART_BYTES = 5 * 2 ** 30;

/**
 * Ranges of a download may have any size; parts may not, and small ones are raised when the upload is
 * planned.
 */
function toPartBytes(text: string, { kind }: Route): number {
  const bytes = parseBytes('part-size', text);
  if (bytes === 0) throw new UsageError('--part-size must be greater than 0.');
  if (kind === 'download' || bytes <= MOST_PART_BYTES) return bytes;
  throw new UsageError('--part-size must be 5GiB or less: S3 takes no larger parts.');
}

function refuseMisplaced(values: Readonly<Record<string, unknown>>, { kind }: Route): void {
  const misplaced =
    kind === 'upload' ? undefined : UPLOADS_ONLY.find((option) => values[option] !== undefined);
  if (misplaced !== undefined) throw new UsageError(`--${misplaced} is for uploads.`);
  if (kind === 'download' && values['checksum-algorithm'] !== undefined)
    throw new UsageError('--checksum-algorithm is for uploads and copies.');
  const misled = (['source-profile', 'source-region'] as const).find(
    (option) => values[option] !== undefined,
  );
  if (kind !== 'copy' && misled !== undefined) throw new UsageError(`--${misled} is for copies inside S3.`);
  if (kind === 'copy' && values.resume) throw new UsageError('--resume is not for copies inside S3.');
}
