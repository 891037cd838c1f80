import { createWriteStream } from 'node:fs';
import { appendFile, mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import type { AdminItem } from '@sluice/contract/admin';
import { toServedName } from '@sluice/contract/filename';
import { Complaint, UsageError } from '../complaint.ts';
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
    value: 'folder',
    help: 'export: where to; files that are there with their size are kept',
  },
  resume: { type: 'string', value: 'cursor', help: 'go on where a call that was stopped said' },
} as const satisfies Options;

/** Writes the rows and the files of an owner or a tenant into a folder. */
export async function exportOwner(argv: readonly string[], world: World): Promise<ExitCode> {
  const values = parseAlone(argv, { ...ADMIN_STACK_OPTIONS, ...EXPORT_OPTIONS });
  const owner = requireOwner(values);
  const { to } = values;
  if (to === undefined) throw new UsageError('Where to? Name a folder with --to.');
  const folder = join(world.folder, to);
  await mkdir(folder, { recursive: true });
  return doWork(
    {
      name: 'export',
      request: { command: 'export', ...owner },
      onPage: async (page, again) => {
        let items = page.items;
        for (const [n, item] of page.items.entries()) {
          if (item.url === undefined) continue;
          const isFetched = await fetchFile(folder, items[n] ?? item, world);
          if (isFetched) continue;
          // Its address has ended meanwhile.
          items = (await again()).items;
          const fresh = items.find(({ id }) => id === item.id) ?? item;
          if (!(await fetchFile(folder, fresh, world))) {
            throw new Complaint(`The file of ${item.id} cannot be fetched: S3 refuses its address.`);
          }
        }
        const rows = page.items.flatMap(({ row }) => (row === undefined ? [] : [`${JSON.stringify(row)}\n`]));
        await appendFile(join(folder, 'uploads.ndjson'), rows.join(''), { mode: 0o600 });
      },
    },
    values,
    world,
  );
}

/** False if S3 does not take the address. */
async function fetchFile(
  folder: string,
  { id, url = '', row = {} }: AdminItem,
  world: World,
): Promise<boolean> {
  const { filename = id, servedType } = row as { readonly filename?: string; readonly servedType?: string };
  const size = Object(row.evidence).size ?? row.size;
  await mkdir(join(folder, id), { recursive: true, mode: 0o700 });
  // Names of uploads are refused that would lead out of a folder.
  const name = servedType === undefined ? filename : toServedName(filename, servedType);
  const path = join(folder, id, name.replaceAll(/[/\\]/g, '_'));
  const there = await stat(path).catch(() => undefined);
  if (there !== undefined && there.size === size) return true;
  const response = await fetch(url, { signal: world.signal });
  if (response.status === 403) return false;
  if (!response.ok || response.body === null) {
    throw new Complaint(`The file of ${id} cannot be fetched: S3 answers with ${response.status}.`);
  }
  // Sound: Node's own, whose type lib.dom has in another way.
  const body = Readable.fromWeb(response.body as ReadableStream);
  await pipeline(body, createWriteStream(path, { mode: 0o600 }));
  return true;
}
