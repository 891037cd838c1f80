import {
  INSPECTION_LIMITS,
  type InspectedFile,
  type InspectionLimits,
} from '../../../src/lib/inspect/file.ts';
import { inspect } from '../../../src/lib/inspect/inspect.ts';

/** A file in memory, whose stream comes in chunks of some size. */
export function fileOf(type: string, bytes: Uint8Array | string, chunkBytes = 65_536): InspectedFile {
  const all = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
  return {
    size: all.length,
    type,
    name: 'file',
    read: async ({ start, length }) => {
      if (start < 0 || start + length > all.length) throw new Error(`${start}+${length} is not in the file`);
      return all.subarray(start, start + length);
    },
    async *stream(start = 0, end = all.length) {
      for (let at = start; at < end; at += chunkBytes) yield all.subarray(at, Math.min(end, at + chunkBytes));
    },
  };
}

/** What inspection says of bytes. */
export function look(
  type: string,
  bytes: Uint8Array | string,
  { limits = {}, chunkBytes = 65_536 }: { limits?: Partial<InspectionLimits>; chunkBytes?: number } = {},
) {
  return inspect(
    fileOf(type, bytes, chunkBytes),
    { ...INSPECTION_LIMITS, ...limits },
    new AbortController().signal,
  );
}
