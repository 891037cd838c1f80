import { createHash } from 'node:crypto';
import type { ObjectFacts, Objects } from './ports.ts';

/**
 * Sets aside an object that nobody asked for. It goes to quarantine under a key of ours, since its own may be
 * anything; the key it came under is kept, encoded, in its metadata.
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
      // By its bytes too: another object under the same key does not replace the first.
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
