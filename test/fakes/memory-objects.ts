import { createHash } from 'node:crypto';
import { ObjectChanged } from '../../src/lib/upload/faults.ts';
import type { ObjectFacts, Objects, Place, StoredHeaders } from '../../src/lib/upload/ports.ts';

export type StoredObject = {
  readonly bytes: Uint8Array;
  readonly headers?: StoredHeaders;
  readonly versionId?: string;
  /** milliseconds since the epoch; 0 where a test puts an object there by itself */
  readonly modifiedAt?: number;
};

type Call = { readonly name: keyof Objects; readonly key: string; readonly bytes?: number };

export type MemoryObjects = Objects & {
  /** what a reader without a version would find */
  readonly places: Record<Place, Map<string, StoredObject>>;
  /** every call, in order: what an upload costs can be read off */
  readonly calls: Call[];
  /** gives the version's id, where incoming keeps versions */
  put(key: string, bytes: Uint8Array | string): string | undefined;
};

function digest(bytes: Uint8Array) {
  return createHash('sha256').update(bytes).digest('base64');
}

/**
 * The three buckets in memory. `recordsChecksums: false` makes it a store that keeps none, `isVersioned` one
 * whose incoming bucket keeps every version, `replacesCopies` one that does not know the condition on a
 * copy's destination. `ignoresSource` one that does not know the condition on its source either, so that
 * other bytes may be copied. `now` is the store's clock.
 */
export function createMemoryObjects({
  recordsChecksums = true,
  isVersioned = false,
  replacesCopies = false,
  ignoresSource = false,
  now = (): number => 0,
} = {}): MemoryObjects {
  const places = { incoming: new Map(), store: new Map(), quarantine: new Map() } as MemoryObjects['places'];
  const versions = new Map<string, StoredObject[]>();
  const calls: Call[] = [];
  let made = 0;
  const toFacts = ({ bytes, headers, versionId, modifiedAt = 0 }: StoredObject): ObjectFacts => ({
    size: bytes.length,
    etag: digest(bytes).slice(0, 12),
    md5: createHash('md5').update(bytes).digest('hex'),
    ...(versionId !== undefined && { versionId }),
    modifiedAt,
    ...(headers && { contentType: headers.contentType }),
    metadata: headers?.metadata ?? {},
    checksums: recordsChecksums ? { sha256: digest(bytes) } : {},
  });
  const find = (place: Place, key: string, versionId?: string): StoredObject | undefined =>
    versionId === undefined
      ? places[place].get(key)
      : versions.get(key)?.find((object) => object.versionId === versionId);
  const pinned = (
    key: string,
    facts: ObjectFacts,
    doing: string,
    place: Place = 'incoming',
  ): StoredObject => {
    const object = find(place, key, facts.versionId);
    if (!object || toFacts(object).etag !== facts.etag) throw new ObjectChanged(doing);
    return object;
  };
  const removeVersion = (key: string, versionId: string) => {
    const left = (versions.get(key) ?? []).filter((object) => object.versionId !== versionId);
    versions.set(key, left);
    const newest = left.at(-1);
    if (newest === undefined) places.incoming.delete(key);
    else places.incoming.set(key, newest);
  };

  return {
    places,
    calls,
    put(key, bytes) {
      const versionId = isVersioned ? `v${++made}` : undefined;
      const object: StoredObject = {
        bytes: typeof bytes === 'string' ? Buffer.from(bytes) : bytes,
        modifiedAt: now(),
        ...(versionId !== undefined && { versionId }),
      };
      places.incoming.set(key, object);
      if (isVersioned) versions.set(key, [...(versions.get(key) ?? []), object]);
      return versionId;
    },
    async facts(place, key, versionId) {
      calls.push({ name: 'facts', key });
      const object = find(place, key, versionId);
      return object && toFacts(object);
    },
    async readRange(key, facts, { start, length }) {
      calls.push({ name: 'readRange', key, bytes: length });
      return pinned(key, facts, 'reading').bytes.subarray(start, start + length);
    },
    async hash(key, facts, algorithm) {
      calls.push({ name: 'hash', key });
      return { algorithm, value: digest(pinned(key, facts, 'hashing').bytes) };
    },
    async copy(from, to) {
      calls.push({ name: 'copy', key: to.key });
      const { bytes } = ignoresSource
        ? (find(from.place ?? 'incoming', from.key) ?? pinned(from.key, from.facts, 'copying', from.place))
        : pinned(from.key, from.facts, 'copying', from.place);
      if (to.place === 'store' && !replacesCopies && places.store.has(to.key)) return 'taken';
      places[to.place].set(to.key, { bytes, headers: to.headers, modifiedAt: now() });
      if (digest(bytes).slice(0, 12) !== from.facts.etag) throw new ObjectChanged('being copied');
      return 'copied';
    },
    async remove(place, key, seen) {
      calls.push({ name: 'remove', key });
      if (place === 'incoming' && seen.versionId !== undefined) return removeVersion(key, seen.versionId);
      const object = places[place].get(key);
      if (object === undefined) return;
      if (toFacts(object).etag !== seen.etag) throw new ObjectChanged('being removed');
      places[place].delete(key);
    },
  };
}
