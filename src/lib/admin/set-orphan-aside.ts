import { parseKey } from '../upload/key.ts';
import type { Objects } from '../upload/ports.ts';

/**
 * Moves a file from the store to quarantine that no row knows, and that names an upload of this key: nobody
 * can read it, and the bucket drops it after rejectedRetentionInDays. Until then a person can bring it back:
 * its headers are in the copy's metadata. Anything else stays: Sluice did not put it there. Safe to repeat.
 */
export async function setOrphanAside(
  {
    objects,
    signal,
  }: { readonly objects: Pick<Objects, 'facts' | 'copy' | 'remove'>; readonly signal: () => AbortSignal },
  key: string,
): Promise<boolean> {
  const facts = await objects.facts('store', key);
  const id = parseKey(key)?.id;
  if (facts === undefined || id === undefined || facts.metadata['upload-id'] !== id) return false;
  await objects.copy(
    { place: 'store', key, facts },
    {
      place: 'quarantine',
      key: `orphans/${key}`,
      headers: {
        contentType: 'application/octet-stream',
        contentDisposition: 'attachment',
        metadata: {
          ...facts.metadata,
          reason: 'orphan',
          ...(facts.contentType !== undefined && { 'stored-type': facts.contentType }),
        },
      },
    },
    signal(),
  );
  await objects.remove('store', key, facts);
  return true;
}
