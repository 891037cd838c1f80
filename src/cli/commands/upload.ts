import type { Command } from '../command.ts';
import { UsageError } from '../complaint.ts';
import { forEach } from '../each.ts';
import { worst } from '../exit.ts';
import { type Options, parse } from '../options.ts';
import { toChecksumOption, toMetadata, toTransport } from '../request.ts';
import { createSender } from '../sender.ts';
import { findTarget } from '../target.ts';

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
    value: 'sha256',
    help: 'compute and declare it; <algorithm>=<base64> declares a known one',
  },
  metadata: {
    type: 'string',
    short: 'm',
    multiple: true,
    value: 'key=value',
    help: 'a text to keep with the upload; repeat for more',
  },
  transport: { type: 'string', value: 'put|post', help: 'how the bytes travel; put when absent' },
  'no-wait': { type: 'boolean', help: 'do not wait for the verdict' },
} as const satisfies Options;

// Enough to hide the wait for one verdict behind the sending of the next file, few enough to leave each some bandwidth.
const AT_ONCE = 4;

export const upload: Command = {
  name: 'upload',
  summary: 'send files, and wait until each is accepted or rejected',
  usage: '<file>... [options]',
  details:
    'Results are written to standard output, one line per file; progress to standard error. With --json a result is\n' +
    '{"file", "outcome", "upload"} or {"file", "outcome": "failed", "error"}, and the outcome is accepted, rejected,\n' +
    'sent (with --no-wait), expired, aborted, deleted or failed. Of several files the worst one makes the exit code.',
  options: OPTIONS,
  examples: [
    ['sluice upload photo.jpg', 'sends a picture and tells the verdict'],
    ['sluice upload *.csv --policy data --checksum sha256', 'sends many, each held against its own checksum'],
    ['sluice upload report.pdf -m project=apollo -m year=2026', 'keeps two texts with the file'],
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
      transport: toTransport(values.transport),
    };
    const target = await findTarget(values, world);
    const send = createSender(target, world, {
      upload: options,
      waits: values['no-wait'] !== true,
      json: values.json === true,
    });
    return worst(await forEach(paths, AT_ONCE, send));
  },
};
