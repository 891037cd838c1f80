import { readFileSync } from 'node:fs';
import { inspectPacked, inspectSevenZip, inspectTar, inspectZip } from '../../../src/lib/inspect/archive.ts';
import { archiveKindOf } from '../../../src/lib/inspect/archive-kinds.ts';
import {
  type Findings,
  INSPECTION_LIMITS,
  type InspectedFile,
  type InspectionLimits,
  type Inspector,
} from '../../../src/lib/inspect/file.ts';

/** An archive in memory, which comes in chunks of some size. */
export function archiveFile(bytes: Uint8Array, name: string, chunkBytes = 65_536): InspectedFile {
  return {
    size: bytes.length,
    type: 'application/octet-stream',
    name,
    read: async ({ start, length }) => {
      if (start < 0 || start + length > bytes.length)
        throw new Error(`${start}+${length} is not in the file`);
      return bytes.subarray(start, start + length);
    },
    async *stream(start = 0, end = bytes.length) {
      for (let at = start; at < end; at += chunkBytes)
        yield bytes.subarray(at, Math.min(end, at + chunkBytes));
    },
  };
}

const INSPECTORS: Readonly<Record<string, Inspector>> = {
  zip: inspectZip,
  tar: inspectTar,
  '7z': inspectSevenZip,
};

type Options = {
  readonly name?: string;
  readonly limits?: Partial<InspectionLimits>;
  readonly chunkBytes?: number;
  readonly signal?: AbortSignal;
};

/** What is found in an archive, looked into as what it begins like. */
export function lookInto(
  bytes: Uint8Array,
  { name = 'file', limits, chunkBytes, signal = new AbortController().signal }: Options = {},
): Promise<Findings> {
  const inspector = INSPECTORS[archiveKindOf(bytes.subarray(0, 8192)) ?? ''] ?? inspectPacked;
  return inspector(archiveFile(bytes, name, chunkBytes), { ...INSPECTION_LIMITS, ...limits }, signal);
}

/** The facts alone, without those that say that there is nothing. */
export async function factsOf(bytes: Uint8Array, options: Options = {}): Promise<Record<string, unknown>> {
  const { facts, exceeded, unsupported } = await lookInto(bytes, options);
  const told = Object.entries(facts).filter(([name, value]) =>
    COUNTS.has(name) ? false : Array.isArray(value) ? value.length > 0 : Boolean(value),
  );
  return {
    ...Object.fromEntries(told.map(([name, value]) => [name.replace('archive.', ''), value])),
    ...(exceeded && { exceeded }),
    ...(unsupported !== undefined && { unsupported }),
  };
}

const COUNTS: ReadonlySet<string> = new Set([
  'archive.entries',
  'archive.bytes',
  'archive.ratio',
  'archive.depth',
]);

/** The counts alone: entries, bytes and depth. */
export async function countsOf(bytes: Uint8Array, options: Options = {}): Promise<readonly unknown[]> {
  const { facts } = await lookInto(bytes, options);
  return [facts['archive.entries'], facts['archive.bytes'], facts['archive.depth']];
}

/** A file of the corpus folder `packed`. */
export function packedFile(name: string): Buffer {
  return readFileSync(new URL(`../../corpus/packed/${name}`, import.meta.url));
}
