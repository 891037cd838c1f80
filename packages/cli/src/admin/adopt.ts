import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../complaint.ts';
import type { ExitCode } from '../exit.ts';
import { type Options, parse } from '../options.ts';
import type { World } from '../world.ts';
import { ADMIN_STACK_OPTIONS, WORK_OPTIONS } from './options.ts';
import { OWNER_OPTIONS, requireOwner } from './owner.ts';
import { REJUDGE_OPTIONS } from './rejudge.ts';
import { doWork } from './work.ts';

export const ADOPT_OPTIONS = {
  manifest: {
    type: 'string',
    value: 'file',
    help: 'adopt: only write the keys into a manifest for S3 Batch Operations',
  },
} as const satisfies Options;

/** Brings the objects of another bucket in, as uploads of one owner. */
export async function adopt(argv: readonly string[], world: World): Promise<ExitCode> {
  const { values, positionals } = parse(argv, {
    ...ADMIN_STACK_OPTIONS,
    ...WORK_OPTIONS,
    ...OWNER_OPTIONS,
    ...ADOPT_OPTIONS,
    policy: REJUDGE_OPTIONS.policy,
  });
  const [place, ...more] = positionals;
  const [, bucket, prefix = ''] = /^s3:\/\/([^/]+)(?:\/(.*))?$/.exec(place ?? '') ?? [];
  if (bucket === undefined || more.length > 0) {
    throw new UsageError('From where? Name one place, such as s3://old-files/photos/.');
  }
  const { tenant, subject } = requireOwner(values);
  if (subject === undefined) throw new UsageError('Whose are they to be? Name --owner, too.');
  if (values.policy === undefined) throw new UsageError('By which policy? Name --policy.');
  const { manifest } = values;
  const file = manifest === undefined ? undefined : join(world.folder, manifest);
  if (file !== undefined) await writeFile(file, '');
  return doWork(
    {
      name: `adopt ${place}`,
      request: {
        command: 'adopt',
        bucket,
        policy: values.policy,
        tenant,
        subject,
        ...(prefix !== '' && { prefix }),
        ...(file !== undefined && { isList: true }),
      },
      ...(file !== undefined && {
        onPage: async ({ items }) => {
          // As S3 wants it: bucket and key, which is encoded as in a URL.
          await appendFile(file, items.map(({ id }) => `${bucket},${encodeKey(id)}\n`).join(''));
        },
      }),
    },
    values,
    world,
  );
}

function encodeKey(key: string): string {
  return key.split('/').map(encodeURIComponent).join('/');
}
