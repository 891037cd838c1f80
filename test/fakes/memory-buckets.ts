import { createHash } from 'node:crypto';
import type { Source } from '../../src/lib/admin/adopt.ts';
import type { Buckets, Listed, Unfinished } from '../../src/lib/admin/ports.ts';
import { ObjectChanged } from '../../src/lib/upload/faults.ts';
import type { Place } from '../../src/lib/upload/ports.ts';
import type { MemoryObjects, StoredObject } from './memory-objects.ts';

/** A bucket from before Sluice, in memory. */
export function createMemorySource(elsewhere: ReadonlyMap<string, Buffer>): Source {
  return {
    async list(_bucket, prefix, after, limit) {
      return [...elsewhere.keys()]
        .filter((key) => key.startsWith(prefix) && (after === undefined || key > after))
        .toSorted()
        .slice(0, limit);
    },
    async facts(_bucket, key) {
      const bytes = elsewhere.get(key);
      const etag = createHash('md5')
        .update(bytes ?? '')
        .digest('hex');
      return bytes && { size: bytes.length, etag, modifiedAt: 0, metadata: {}, checksums: {} };
    },
  };
}

/** The listings of the three buckets in memory, of what `objects` holds. */
export function createMemoryBuckets(
  objects: MemoryObjects,
  unfinished: readonly Unfinished[] = [],
  elsewhere: ReadonlyMap<string, Buffer> = new Map(),
): Buckets {
  const toListed = ([key, { bytes, versionId, modifiedAt = 0 }]: readonly [
    string,
    StoredObject,
  ]): Listed => ({
    key,
    ...(versionId !== undefined && { versionId }),
    isLatest: true,
    size: bytes.length,
    modifiedAt,
  });
  const sorted = (place: Place) =>
    [...objects.places[place]].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(toListed);
  return {
    async list(place, after, limit) {
      return sorted(place)
        .filter(({ key }) => after === undefined || key > after)
        .slice(0, limit);
    },
    async versions(place, key) {
      return sorted(place).filter((listed) => listed.key === key);
    },
    async unfinished(prefix) {
      return unfinished.filter(({ key }) => key.startsWith(prefix));
    },
    async bringBack({ key }, facts) {
      if (objects.places.incoming.has(key)) return 'taken';
      const object = objects.places.quarantine.get(key);
      const there = await objects.facts('quarantine', key);
      if (object === undefined || there?.etag !== facts.etag) throw new ObjectChanged('being brought back');
      objects.put(key, object.bytes);
      return 'copied';
    },
    async bringIn({ key }, from) {
      if (objects.places.incoming.has(key)) return 'taken';
      const bytes = elsewhere.get(from.key);
      if (bytes === undefined) throw new ObjectChanged('being brought to incoming');
      objects.put(key, bytes);
      return 'copied';
    },
    async removeVersion(place, { key, versionId }) {
      const there = await objects.facts(place, key, place === 'incoming' ? versionId : undefined);
      if (there !== undefined) await objects.remove(place, key, there);
    },
  };
}
