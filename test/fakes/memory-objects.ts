import { createHash } from 'node:crypto';
import {
  ObjectChanged,
  type ObjectFacts,
  type Objects,
  type Place,
  type StoredHeaders,
} from '../../src/lib/upload/ports.ts';

export type StoredObject = {
  readonly bytes: Uint8Array;
  readonly headers?: StoredHeaders;
};

type Call = { readonly name: keyof Objects; readonly key: string; readonly bytes?: number };

export type MemoryObjects = Objects & {
  readonly places: Record<Place, Map<string, StoredObject>>;
  /** every call, in order: what an upload costs can be read off */
  readonly calls: Call[];
  put(key: string, bytes: Uint8Array | string): void;
};

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('base64');

/** The three buckets in memory. `recordsChecksums: false` makes it a store that keeps none. */
export const createMemoryObjects = ({ recordsChecksums = true } = {}): MemoryObjects => {
  const places = { incoming: new Map(), store: new Map(), quarantine: new Map() } as MemoryObjects['places'];
  const calls: Call[] = [];
  const toFacts = ({ bytes }: StoredObject): ObjectFacts => ({
    size: bytes.length,
    etag: `"${digest(bytes).slice(0, 12)}"`,
    modifiedAt: 0,
    checksums: recordsChecksums ? { sha256: digest(bytes) } : {},
  });
  const pinned = (key: string, facts: ObjectFacts, doing: string): StoredObject => {
    const object = places.incoming.get(key);
    if (!object || toFacts(object).etag !== facts.etag) throw new ObjectChanged(doing);
    return object;
  };

  return {
    places,
    calls,
    put(key, bytes) {
      places.incoming.set(key, { bytes: typeof bytes === 'string' ? Buffer.from(bytes) : bytes });
    },
    async facts(place, key) {
      calls.push({ name: 'facts', key });
      const object = places[place].get(key);
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
      places[to.place].set(to.key, {
        bytes: pinned(from.key, from.facts, 'copying').bytes,
        headers: to.headers,
      });
    },
    async remove(place, key) {
      calls.push({ name: 'remove', key });
      places[place].delete(key);
    },
  };
};
