import type { Buckets, Listed, Unfinished } from '../../src/lib/admin/ports.ts';
import { ObjectChanged } from '../../src/lib/upload/faults.ts';
import type { Place } from '../../src/lib/upload/ports.ts';
import type { MemoryObjects, StoredObject } from './memory-objects.ts';

/** The listings of the three buckets in memory, of what `objects` holds. */
export function createMemoryBuckets(objects: MemoryObjects, unfinished: readonly Unfinished[] = []): Buckets {
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
    async removeVersion(place, { key, versionId }) {
      const there = await objects.facts(place, key, place === 'incoming' ? versionId : undefined);
      if (there !== undefined) await objects.remove(place, key, there);
    },
  };
}
