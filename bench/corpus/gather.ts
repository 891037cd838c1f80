import { createHash } from 'node:crypto';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { extensionOf, typeByExtension } from '@sluice/contract/content-types';

/** A file of the corpus, declared as what its extension says. */
export type Found = {
  /** the package or program that it is from */
  readonly source: string;
  /** within the source */
  readonly path: string;
  readonly filename: string;
  readonly type: string;
  readonly bytes: Uint8Array;
};

/** Files that were seen and are not judged, by extension: of no type that Sluice can verify. */
export type Unknown = Map<string, number>;

// More would only slow the run down: what is this large differs from its smaller kin in no byte that is
// looked at.
const MAX_BYTES = 64 * 2 ** 20;
// An icon set has ten thousand files of one make.
const MAX_PER_SOURCE_AND_TYPE = 300;

/**
 * Every file below a folder that has a type; each content once under each type, however often it was copied.
 */
export async function* gather(
  source: string,
  folder: string,
  seen: Set<string>,
  unknown: Unknown,
): AsyncGenerator<Found> {
  const counts = new Map<string, number>();
  for await (const file of walk(folder)) {
    const filename = basename(file);
    const type = typeByExtension(filename);
    if (type === undefined) {
      const extension = extensionOf(filename) || 'none';
      unknown.set(extension, (unknown.get(extension) ?? 0) + 1);
      continue;
    }
    const count = counts.get(type) ?? 0;
    if (count >= MAX_PER_SOURCE_AND_TYPE) continue;
    const bytes = await readFile(file);
    const fingerprint = `${type} ${createHash('sha256').update(bytes).digest('base64')}`;
    if (seen.has(fingerprint)) continue;
    seen.add(fingerprint);
    counts.set(type, count + 1);
    yield { source, path: relative(folder, file), filename, type, bytes };
  }
}

async function* walk(folder: string): AsyncGenerator<string> {
  for (const name of (await readdir(folder)).toSorted()) {
    if (name.startsWith('.')) continue; // hidden: settings of tools, which nobody uploads and names refuse
    const path = join(folder, name);
    const facts = await lstat(path); // of a link itself: an archive may name any file of this machine
    if (facts.isDirectory()) yield* walk(path);
    else if (facts.isFile() && facts.size <= MAX_BYTES) yield path;
  }
}
