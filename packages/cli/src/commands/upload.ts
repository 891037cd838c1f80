import { stat } from 'node:fs/promises';
import type { Command } from '../command.ts';
import { UsageError } from '../complaint.ts';
import { type ExitCode, worst } from '../exit.ts';
import { type Options, OWNER_OPTIONS, parse, parseCount } from '../options.ts';
import { findTarget } from '../target.ts';
import { inTurns } from '../turns.ts';
import { createSender } from '../upload.ts';
import {
  toChecksumOption,
  toMetadata,
  toOwner,
  toReaders,
  toResume,
  toTransport,
} from '../upload-options.ts';

const OPTIONS = {
  policy: {
    type: 'string',
    short: 'p',
    value: 'name',
    help: 'the policy; the first one that takes the type when absent',
  },
  'content-type': {
    type: 'string',
    short: 't',
    value: 'type',
    help: 'the type; told by the extension when absent',
  },
  checksum: {
    type: 'string',
    value: 'sha256|crc64nvme',
    help: 'compute and declare it; <algorithm>=<base64> declares a known one',
  },
  metadata: {
    type: 'string',
    short: 'm',
    multiple: true,
    value: 'key=value',
    help: 'a text to keep with the upload; repeat for more',
  },
  readers: {
    type: 'string',
    short: 'r',
    value: 'owner|tenant|anyone',
    help: 'who may read it once it is accepted; as the policy says when absent',
  },
  reference: { type: 'string', value: 'id', help: 'an id of your own for what the files are for' },
  transport: {
    type: 'string',
    value: 'put|post|multipart',
    help: 'how the bytes travel; in parts above 64 MiB, by one put below, when absent',
  },
  concurrency: {
    type: 'string',
    short: 'c',
    value: 'count',
    help: 'how many parts or files travel at once; 6 when absent',
  },
  resume: { type: 'string', value: 'id', help: 'go on with this upload, begun here or elsewhere' },
  restart: { type: 'boolean', help: 'begin anew, and give up what was begun of the file before' },
  ...OWNER_OPTIONS,
  grant: { type: 'string', value: 'token', help: 'upload by a grant that somebody made for you' },
  'no-wait': { type: 'boolean', help: 'do not wait for the verdict' },
} as const satisfies Options;

// Enough to hide the wait for one verdict behind the sending of the next file, few enough to leave each some
// bandwidth. Small files are requested and waited for together, in few calls; as many as a terminal has
// lines, and no more bytes than can be sent before their signatures end.
const AT_ONCE = { least: 4, most: 20, bytes: 64 * 1024 ** 2 } as const;

export const upload: Command = {
  name: 'upload',
  summary: 'send files, and wait until each is accepted or rejected',
  usage: '<file>... [options]',
  details:
    'A file above 64 MiB goes in parts. When it breaks off, or Ctrl-C stops it, the same command goes on with the parts\n' +
    'that are missing. --checksum sha256 keeps a file in one piece, as S3 has no SHA-256 of one in parts.\n' +
    'Results are written to standard output, one line per file; progress to standard error. With --json a result is\n' +
    '{"file", "outcome", "upload"} or {"file", "outcome": "failed", "error"}, and the outcome is accepted, rejected,\n' +
    'sent (with --no-wait), expired, aborted, deleted or failed. Of several files the worst one makes the exit code.',
  options: OPTIONS,
  examples: [
    ['sluice upload photo.jpg', 'sends a picture and tells the verdict'],
    ['sluice upload *.csv --policy data --checksum sha256', 'sends many, each held against its own checksum'],
    [
      'sluice upload film.mp4 --checksum crc64nvme',
      'sends a large file in parts; again, goes on where it stopped',
    ],
    ['sluice upload report.pdf -m project=apollo -m year=2026', 'keeps two texts with the file'],
    ['sluice upload photo.jpg --grant slu2.…', 'sends a picture by a grant, without a login'],
    ['sluice upload photo.jpg --json | jq -r .upload.id', 'gives its id to a script'],
  ],
  run: async (argv, world) => {
    const { values, positionals: paths } = parse(argv, OPTIONS);
    if (paths.length === 0) throw new UsageError('Which file?');
    const options = {
      policy: values.policy,
      contentType: values['content-type'],
      checksum: toChecksumOption(values.checksum),
      metadata: toMetadata(values.metadata),
      readers: toReaders(values.readers),
      reference: values.reference,
      transport: toTransport(values.transport),
      resume: toResume(values, paths),
      owner: toOwner(values),
    };
    if (values.grant !== undefined && values.token !== undefined) {
      throw new UsageError('--grant and --token exclude each other.');
    }
    const target = await findTarget({ ...values, token: values.grant ?? values.token }, world);
    const send = createSender(target, world, {
      upload: options,
      concurrency:
        values.concurrency === undefined ? undefined : parseCount('concurrency', values.concurrency, [1, 64]),
      waits: values['no-wait'] !== true,
      json: values.json === true,
    });
    const outcomes: ExitCode[] = [];
    const files = await Promise.all(
      paths.map(async (path, index) => ({ path, index, bytes: await sizeOf(path) })),
    );
    await inTurns(files, AT_ONCE, async ({ path, index }) => {
      outcomes.push(await send(path, index));
    });
    return worst(outcomes);
  },
};

/** As far as it can be told; what cannot be read is told of when its turn comes. */
async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch {
    return 0;
  }
}
