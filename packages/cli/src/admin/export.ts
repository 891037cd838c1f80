import { UsageError } from '../complaint.ts';
import { parseAlone } from '../events/options.ts';
import type { ExitCode } from '../exit.ts';
import type { Options } from '../options.ts';
import type { World } from '../world.ts';
import { ADMIN_STACK_OPTIONS } from './options.ts';
import { OWNER_OPTIONS, requireOwner } from './owner.ts';
import { doWork } from './work.ts';

export const EXPORT_OPTIONS = {
  ...OWNER_OPTIONS,
  to: {
    type: 'string',
    value: 'place',
    help: 'export: where to, a folder or s3://bucket/prefix; files that are there already are kept',
  },
  resume: { type: 'string', value: 'cursor', help: 'go on where a call that was stopped said' },
} as const satisfies Options;

/** Writes the rows and the files of an owner or a tenant into a folder, or copies them into a bucket. */
export async function exportOwner(argv: readonly string[], world: World): Promise<ExitCode> {
  const values = parseAlone(argv, { ...ADMIN_STACK_OPTIONS, ...EXPORT_OPTIONS });
  const owner = requireOwner(values);
  const { to } = values;
  if (to === undefined) throw new UsageError('Where to? Name a folder or s3://bucket/prefix with --to.');
  const work = { name: 'export', request: { command: 'export', ...owner } } as const;
  if (to.startsWith('s3://')) {
    const { openBucketExport } = await import('./export-bucket.ts');
    using bucket = await openBucketExport(to, values, world);
    return await doWork({ ...work, onPage: bucket.save }, values, world);
  }
  const { openFolderExport } = await import('./export-folder.ts');
  const folder = await openFolderExport(to, { owner, resume: values.resume }, world);
  return doWork(
    { ...work, onPage: folder.save, onEnd: folder.end },
    { ...values, resume: folder.from },
    world,
  );
}
