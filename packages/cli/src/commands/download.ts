import { createClient } from '@sluice/client/client';
import type { Progress } from '@sluice/connection/transfers/options';
import { toSize } from '@sluice/contract/size-text';
import type { Command } from '../command.ts';
import { UsageError } from '../complaint.ts';
import { EXIT } from '../exit.ts';
import { requireId } from '../id.ts';
import { createLive } from '../live.ts';
import { toMeter } from '../meter.ts';
import { type Options, parse } from '../options.ts';
import { toPath } from '../path.ts';
import { printJson, printLine } from '../print.ts';
import { findTarget } from '../target.ts';
import { printable } from '../text.ts';

const OPTIONS = {
  output: {
    type: 'string',
    short: 'o',
    value: 'path',
    help: 'the file or folder to write; its own name in this folder when absent',
  },
  force: { type: 'boolean', short: 'f', help: 'replace a file that is there' },
} as const satisfies Options;

export const download: Command = {
  name: 'download',
  summary: 'fetch an accepted file',
  usage: '<id> [options]',
  details:
    'The file appears under its name only when all of it is there, and has the length and the checksum that were verified.\n' +
    'When it breaks off or is stopped, what came is kept in a hidden file beside it, and the same command goes on with it.\n' +
    'With --json: {"id", "path", "bytes"}.',
  options: OPTIONS,
  examples: [
    ['sluice download 0190c2f4-6a0e-4c6e-9a3e-2f0d5b1c7e11', 'writes it under its own name'],
    ['sluice download 0190c2f4-6a0e-4c6e-9a3e-2f0d5b1c7e11 -o photos/', 'writes it into a folder'],
    ['sluice download 0190c2f4-6a0e-4c6e-9a3e-2f0d5b1c7e11 -o cat.jpg --force', 'replaces cat.jpg'],
  ],
  run: async (argv, world) => {
    const { values, positionals } = parse(argv, OPTIONS);
    const id = requireId(positionals);
    if (values.output === '-') throw new UsageError('`download` writes files only: give --output a name.');
    const { signal } = world;
    const client = createClient({ ...(await findTarget(values, world)), timing: world.timing });
    // First: what was not accepted is refused here, with the reason.
    const granted = await client.download(id, { signal });
    const upload = await client.status(id, { signal });
    const name = upload.servedName ?? upload.filename;
    const path = await toPath(world.folder, values.output, name, values.force === true);
    const live = createLive(world.stderr, world.timing.now);
    const startedAt = world.timing.now();
    const onProgress = ({ transferredBytes, totalBytes }: Progress) => {
      const meter = toMeter(transferredBytes, totalBytes, world.timing.now() - startedAt);
      live.set(id, `${printable(name)}  ${meter}`);
    };
    const tell = (text: string) => {
      live.clear(id);
      if (!values.json) printLine(world.stderr, `${printable(name)}  stopped. ${text}`);
    };
    // Only now: the commands that move no bytes have no use for it.
    const { downloadInto } = await import('../download.ts');
    const to = { path, replaces: values.force === true, onProgress, tell };
    const bytes = await downloadInto({ client, upload, granted }, to, world).finally(() => live.clear(id));
    if (values.json) printJson(world.stdout, { id, path, bytes });
    else printLine(world.stdout, `${printable(path)}  ${toSize(bytes)}`);
    return EXIT.ok;
  },
};
