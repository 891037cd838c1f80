import type { Command } from '../command.ts';
import { UsageError } from '../complaint.ts';
import { EXIT } from '../exit.ts';
import { createLive } from '../live.ts';
import type { Options } from '../options.ts';
import { printJson, printLine } from '../print.ts';
import { connect } from '../storage/connect.ts';
import { parseStorage, STORAGE_OPTIONS } from '../storage/options.ts';
import { parseBucket } from '../storage/place.ts';

const OPTIONS = {
  recursive: { type: 'boolean', short: 'r', help: 'with all that is in it, old versions too' },
  yes: { type: 'boolean', short: 'y', help: 'do not ask, with --recursive' },
} as const satisfies Options;

export const rb: Command = {
  name: 'rb',
  summary: 'remove a bucket',
  usage: '<s3://bucket> [options]',
  details:
    'The opposite of mb. Only an empty bucket is removed, unless --recursive deletes what is in it: objects, old versions,\n' +
    'delete markers and unfinished uploads, for good. That is asked for; where nobody can be asked, --yes is needed. One\n' +
    'that is not there counts as removed. With --json: {"bucket", "deleted"}.',
  options: OPTIONS,
  shared: STORAGE_OPTIONS,
  examples: [
    ['sluice rb s3://my-bucket', 'removes an empty bucket'],
    ['sluice rb -r s3://my-bucket', 'asks, empties it, and removes it'],
  ],
  run: async (argv, world) => {
    const { values, positionals } = parseStorage(argv, OPTIONS);
    const [name, ...more] = positionals;
    if (name === undefined || more.length > 0) throw new UsageError('Which bucket? One at a time.');
    const bucket = parseBucket(name);
    const { ask } = world;
    if (values.recursive && !values.yes) {
      if (ask === undefined || values.json)
        throw new UsageError('--recursive needs --yes where nobody can be asked.');
      const answer = await ask(`Delete s3://${bucket} and everything in it, every version, for good? [y/N] `);
      if (!/^y(es)?$/i.test(answer)) return EXIT.ok;
    }
    const { removeBucket } = await import('../storage/rm.ts');
    using session = await connect(values, world);
    const live = createLive(world.stderr, world.timing.now);
    const onProgress = (count: number) => live.set('rb', `${count} deleted`);
    const { recursive = false } = values;
    const options = { recursive, onProgress, signal: world.signal };
    const deleted = await removeBucket(session, bucket, options).finally(() => live.clear('rb'));
    if (values.json) printJson(world.stdout, { bucket, deleted });
    else printLine(world.stdout, `s3://${bucket}  removed`);
    return EXIT.ok;
  },
};
