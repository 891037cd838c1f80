import { createCrc64Nvme } from './crc64nvme.ts';
import { hash } from './hash.ts';
import { toHex } from './key.ts';
import type { Source } from './platform.ts';

const EDGE_BYTES = 64 * 1024;

/**
 * Tells a file from others, and what is to become of it, in a few characters: its name, size, time of change
 * and both its ends. The ends, because tools that restore a file's time (archives, synchronisers) make the
 * other four the same for different bytes, and because most formats keep their tables of contents there. No
 * proof: a file that is changed in its middle alone, its time put back, passes for the old one. A declared
 * checksum then has S3 refuse it.
 * @param context whatever else makes two uploads of the file differ
 */
export async function toFingerprint(
  file: Source,
  filename: string,
  context: readonly unknown[],
): Promise<string> {
  const { size } = file;
  const changedAt = 'lastModified' in file ? file.lastModified : undefined;
  const ends = await Promise.all(
    [file.slice(0, Math.min(size, EDGE_BYTES)), file.slice(Math.max(0, size - EDGE_BYTES), size)].map((end) =>
      hash(end, createCrc64Nvme, {}),
    ),
  );
  const facts = createCrc64Nvme();
  facts.update(new TextEncoder().encode(JSON.stringify([filename, size, changedAt, ends, context])));
  return toHex(facts.digest());
}
