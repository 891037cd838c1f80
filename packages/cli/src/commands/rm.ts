import { toSize } from '@sluice/contract/size-text';
import type { Command } from '../command.ts';
import { UsageError } from '../complaint.ts';
import { EXIT } from '../exit.ts';
import { createLive } from '../live.ts';
import type { Options } from '../options.ts';
import { printJson, printLine } from '../print.ts';
import { connect } from '../storage/connect.ts';
import { PAYER_OPTION, toPayer } from '../storage/object-options.ts';
import { parseStorage, STORAGE_OPTIONS } from '../storage/options.ts';
import { parsePlace, toUrl } from '../storage/place.ts';

const OPTIONS = {
  recursive: { type: 'boolean', short: 'r', help: 'everything below a folder, or in a bucket' },
  'dry-run': { type: 'boolean', help: 'only list what --recursive would delete' },
  yes: { type: 'boolean', short: 'y', help: 'do not ask, with --recursive' },
  ...PAYER_OPTION,
} as const satisfies Options;

export const rm: Command = {
  name: 'rm',
  summary: 'delete an object, or all below a folder',
  usage: '<s3://bucket/key> [options]',
  details:
    'One that is not there counts as deleted, as in S3. With --recursive the place is a folder: `s3://b/logs` means\n' +
    '`s3://b/logs/`, never logs2. What is below it is counted and asked for; where nobody can be asked, --yes is needed.\n' +
    'In a bucket with versioning old versions stay. With --json: {"place", "deleted"}; with --dry-run {"place", "objects",\n' +
    '"bytes"}.',
  options: OPTIONS,
  shared: STORAGE_OPTIONS,
  examples: [
    ['sluice rm s3://my-bucket/photo.jpg', 'deletes one'],
    ['sluice rm -r s3://my-bucket/2024/', 'counts, asks, and deletes a folder'],
    ['sluice rm -r --dry-run s3://my-bucket/2024/', 'lists what that would delete'],
  ],
  run: async (argv, world) => {
    const { values, positionals } = parseStorage(argv, OPTIONS);
    const [name, ...more] = positionals;
    if (name === undefined || more.length > 0) throw new UsageError('Which one? One place at a time.');
    const { bucket, key } = parsePlace(name);
    if (!values.recursive && (key === '' || key.endsWith('/'))) {
      throw new UsageError(
        `${toUrl({ bucket, key })} is not one object; --recursive deletes all that is below it.`,
      );
    }
    const { ask } = world;
    const isDry = values['dry-run'] === true;
    if (isDry && !values.recursive) throw new UsageError('--dry-run is for --recursive.');
    if (values.recursive && !values.yes && !isDry && (ask === undefined || values.json)) {
      throw new UsageError('--recursive needs --yes where nobody can be asked.');
    }
    const folder = key === '' || key.endsWith('/') ? key : `${key}/`;
    const place = values.recursive ? { bucket, key: folder } : { bucket, key };

    const access = { params: toPayer(values['request-payer']), signal: world.signal };
    const { countBelow, removeBelow, removeOne } = await import('../storage/rm.ts');
    using session = await connect(values, world);
    if (isDry) {
      const show = (one: string) => printLine(world.stdout, toUrl({ bucket, key: one }));
      const found = await countBelow(session, place, access, values.json ? undefined : show);
      if (values.json) printJson(world.stdout, { place: `s3://${bucket}/${place.key}`, ...found });
      else printLine(world.stderr, `${toCount(found.objects)} (${toSize(found.bytes)}) would be deleted.`);
      return EXIT.ok;
    }
    let deleted = 1;
    if (!values.recursive) await removeOne(session, place, access.params);
    else {
      if (!values.yes) {
        const { objects, bytes } = await countBelow(session, place, access);
        if (objects === 0) printLine(world.stderr, `There is nothing below ${toUrl(place)}.`);
        const question = `Delete ${toCount(objects)} (${toSize(bytes)}) below ${toUrl(place)}? [y/N] `;
        if (objects === 0 || !/^y(es)?$/i.test((await ask?.(question)) ?? '')) return EXIT.ok;
      }
      const live = createLive(world.stderr, world.timing.now);
      const onProgress = (count: number) => live.set('rm', `${count} deleted`);
      try {
        deleted = await removeBelow(session, place, { onProgress, ...access });
      } finally {
        live.clear('rm');
      }
    }
    if (values.json) printJson(world.stdout, { place: `s3://${bucket}/${place.key}`, deleted });
    else
      printLine(
        world.stdout,
        values.recursive ? `${toUrl(place)}  ${deleted} deleted` : `${toUrl(place)}  deleted`,
      );
    return EXIT.ok;
  },
};

function toCount(objects: number): string {
  return `${objects} ${objects === 1 ? 'object' : 'objects'}`;
}
