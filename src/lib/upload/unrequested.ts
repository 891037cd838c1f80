import { createHash } from 'node:crypto';
import type { ObjectFacts, Objects } from './ports.ts';

/**
 * Moves an object that nobody requested to quarantine. It gets a key of ours there, since its own may be
 * anything; its metadata has the original key, encoded.
 */
export async function setAside(
  objects: Objects,
  key: string,
  facts: ObjectFacts,
  signal: AbortSignal,
): Promise<void> {
  await objects.copy(
    { key, facts },
    {
      place: 'quarantine',
      // The bytes are part of the key: another object under the same key does not replace the first.
      key: `unrequested/${createHash('sha256')
        .update(JSON.stringify([key, facts.etag]))
        .digest('hex')}`,
      headers: {
        contentType: 'application/octet-stream',
        contentDisposition: 'attachment',
        // S3 keys reach 1,024 bytes and metadata 2 KB: base64 of the one fits in the other.
        metadata: { reason: 'unrequested', 'original-key': Buffer.from(key).toString('base64url') },
      },
    },
    signal,
  );
  await objects.remove('incoming', key, facts);
}
