import { toSize } from '@sluice/contract/size-text';
import type { Command } from '../command.ts';
import { UsageError } from '../complaint.ts';
import { EXIT } from '../exit.ts';
import type { Options } from '../options.ts';
import { paint, printJson, printLine } from '../print.ts';
import { connect } from '../storage/connect.ts';
import type { Row } from '../storage/ls.ts';
import { PAYER_OPTION, toPayer } from '../storage/object-options.ts';
import { parseStorage, STORAGE_OPTIONS } from '../storage/options.ts';
import { parsePlace } from '../storage/place.ts';
import { printable } from '../text.ts';
import type { World } from '../world.ts';

const OPTIONS = {
  recursive: { type: 'boolean', short: 'r', help: 'every object below, instead of folders' },
  ...PAYER_OPTION,
} as const satisfies Options;

export const ls: Command = {
  name: 'ls',
  summary: 'list buckets, or the objects below a prefix',
  usage: '[s3://bucket[/prefix]] [options]',
  details:
    'A prefix is the start of keys, so `s3://b/ab` lists abc as well; end it with a slash for a folder. With --json a line\n' +
    'each: {"kind": "bucket", "bucket", "createdAt"}, {"kind": "prefix", "prefix"} or {"kind": "object", "key", "bytes",\n' +
    '"modifiedAt"}.',
  options: OPTIONS,
  shared: STORAGE_OPTIONS,
  examples: [
    ['sluice ls', 'lists the buckets'],
    ['sluice ls s3://my-bucket/2026/', 'lists a folder'],
    ['sluice ls -r s3://my-bucket --json | jq -r .key', 'gives every key to a script'],
  ],
  run: async (argv, world) => {
    const { values, positionals } = parseStorage(argv, OPTIONS);
    const [name, ...more] = positionals;
    if (more.length > 0) throw new UsageError('One place at a time, please.');
    const place = name === undefined ? undefined : parsePlace(name);
    const access = { params: toPayer(values['request-payer']), signal: world.signal };
    const { list } = await import('../storage/ls.ts');
    using session = await connect(values, world);
    let [folders, objects, bytes] = [0, 0, 0];
    for await (const row of list(session, place, values.recursive === true, access)) {
      if (row.kind === 'prefix') folders += 1;
      if (row.kind === 'object') [objects, bytes] = [objects + 1, bytes + row.bytes];
      if (values.json) printJson(world.stdout, row);
      else printLine(world.stdout, toLine(world, row));
    }
    if (place && !values.json) {
      const counts = [
        ...(folders === 0 ? [] : [toCount(folders, 'folder')]),
        ...[toCount(objects, 'object'), toSize(bytes)],
      ];
      printLine(world.stderr, counts.join(', '));
    }
    return EXIT.ok;
  },
};

// Written as they come: a bucket may hold more than fits on a screen or in memory, so columns have a fixed
// width.
function toLine(world: World, row: Row): string {
  switch (row.kind) {
    case 'bucket':
      return `${toTime(row.createdAt)}  s3://${printable(row.bucket)}`;
    case 'prefix':
      return ' '.repeat(31) + paint(world, world.stdout, 'grey', printable(row.prefix));
    case 'object':
      return `${toSize(row.bytes).padStart(11)}  ${toTime(row.modifiedAt)}  ${printable(row.key)}`;
  }
}

function toCount(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** To the minute, in UTC. */
function toTime(date: Date | undefined): string {
  return (date?.toISOString().slice(0, 16).replace('T', ' ') ?? '').padEnd(16);
}
