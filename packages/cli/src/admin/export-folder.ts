import { createReadStream } from 'node:fs';
import { appendFile, mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { resolveSettings } from '@sluice/connection/settings/resolve';
import { createHasher } from '@sluice/connection/transfers/hasher';
import { findTarget, saveObject } from '@sluice/connection/transfers/save';
import { openUrl } from '@sluice/connection/transfers/url-object';
import { forEach } from '@sluice/connection/transfers/workers';
import type { AdminItem, AdminPage } from '@sluice/contract/admin';
import { Complaint } from '../complaint.ts';
import { toDiskComplaint } from '../disk.ts';
import { ALGORITHMS, explainDownload, networkOf } from '../download.ts';
import { printLine } from '../print.ts';
import type { World } from '../world.ts';
import { writeOwnFile } from '../write-file.ts';
import { AT_ONCE, type Exported, toExported } from './exported.ts';

/** Where a run is: whose export, the next page, and how long the file of rows was then. */
type Mark = { readonly owner: string; readonly cursor: string; readonly bytes: number };

/**
 * Opens a folder for an export. A run that was killed left a mark in it: the same command goes on there. What
 * was written to the file of rows after the mark is cut off, so that no row is in it twice.
 */
export async function openFolderExport(
  to: string,
  { owner: whose, resume }: { readonly owner: object; readonly resume: string | undefined },
  world: World,
) {
  const folder = join(world.folder, to);
  const rows = join(folder, 'uploads.ndjson');
  const markFile = join(folder, '.sluice-export.json');
  const owner = JSON.stringify(whose);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const mark = await readMark(markFile, owner);
  const isGoingOn = resume === undefined && mark !== undefined;
  if (isGoingOn) printLine(world.stderr, 'Goes on where it was stopped.');
  // With --resume somebody else knows where; rows of that page may then be there twice.
  if (resume === undefined) await cut(rows, mark?.bytes ?? 0);
  return {
    from: resume ?? mark?.cursor,
    save: async (page: AdminPage, again: () => Promise<AdminPage>) => {
      const files = page.items.filter(({ url }) => url !== undefined);
      await forEach(files, AT_ONCE, world.signal, (item, signal) =>
        saveFile(folder, item, again, world, signal),
      );
      const lines = page.items.flatMap(({ row }) => (row === undefined ? [] : [`${JSON.stringify(row)}\n`]));
      await appendFile(rows, lines.join(''), { mode: 0o600 });
      if (page.cursor === undefined) return;
      const { size: bytes } = await stat(rows);
      await writeOwnFile(markFile, JSON.stringify({ owner, cursor: page.cursor, bytes } satisfies Mark));
    },
    end: () => rm(markFile, { force: true }),
  };
}

async function readMark(path: string, owner: string): Promise<Mark | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const mark = JSON.parse(text) as Mark;
  if (mark.owner === owner) return mark;
  throw new Complaint(
    'An export of somebody else was stopped in this folder.',
    'Name another folder, so that their files are not mixed.',
  );
}

async function cut(path: string, bytes: number): Promise<void> {
  await using file = await open(path, 'a', 0o600);
  const { size } = await file.stat();
  if (size > bytes) await file.truncate(bytes);
}

async function saveFile(
  folder: string,
  item: AdminItem,
  again: () => Promise<AdminPage>,
  world: World,
  signal: AbortSignal,
): Promise<void> {
  const exported = toExported(item);
  const { id, name, size, checksum } = exported;
  await mkdir(join(folder, id), { recursive: true, mode: 0o700 });
  const path = join(folder, id, name);
  if (await isThere(path, exported)) return;
  let url = item.url ?? '';
  let isFresh = false;
  try {
    using object = await openUrl({
      urls: {
        current: async () => url,
        renew: async () => {
          const fresh = isFresh ? undefined : (await again()).items.find((one) => one.id === id)?.url;
          if (fresh === undefined) {
            throw new Complaint(`The file of ${id} cannot be fetched: S3 refuses its address.`);
          }
          isFresh = true;
          url = fresh;
          return url;
        },
      },
      settings: resolveSettings({ environment: networkOf(world.env) }),
      shown: `the file of ${id}`,
      identity: [id],
      bytes: size,
      checksum: checksum && { algorithm: ALGORITHMS[checksum.algorithm], value: checksum.value },
      signal,
    });
    await saveObject(object, await findTarget(path), { resume: true, signal });
  } catch (error) {
    signal.throwIfAborted();
    throw toDiskComplaint(error, path) ?? explainDownload(error, checksum);
  }
}

/** True for a file that has the bytes that were verified, as far as the row tells. */
async function isThere(path: string, { size, checksum }: Exported): Promise<boolean> {
  const there = await stat(path).catch(() => undefined);
  if (there === undefined || !there.isFile() || there.size !== size) return false;
  if (checksum === undefined) return true;
  const hasher = createHasher(ALGORITHMS[checksum.algorithm]);
  for await (const chunk of createReadStream(path)) hasher.update(chunk);
  return Buffer.from(await hasher.digest()).toString('base64') === checksum.value;
}
