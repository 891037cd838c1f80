import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Folders } from '../../local/folders.ts';

/**
 * Makes all objects of a stopped local stack older. MiniStack keeps what it knows of an object in a file
 * beside it, and reads that when it starts.
 */
export async function ageObjects({ objects }: Pick<Folders, 'objects'>, ms: number): Promise<void> {
  const files = await readdir(objects, { recursive: true, withFileTypes: true });
  for (const file of files.filter(({ name }) => name.endsWith('.meta.json'))) {
    const path = join(file.parentPath, file.name);
    await writeFile(path, JSON.stringify(toOlder(JSON.parse(await readFile(path, 'utf8')), ms)));
  }
}

/** The same with every time of a modification so much earlier, those of older versions too. */
function toOlder(value: unknown, ms: number): unknown {
  if (Array.isArray(value)) return value.map((one) => toOlder(one, ms));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [
      name,
      name === 'last_modified' && typeof one === 'string' && one !== ''
        ? new Date(Date.parse(one) - ms).toISOString()
        : toOlder(one, ms),
    ]),
  );
}
