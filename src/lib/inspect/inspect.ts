import type { Inspection } from '@sluice/contract/scan';
import { inspectPacked, inspectSevenZip, inspectTar, inspectZip } from './archive.ts';
import type { Findings, InspectedFile, InspectionLimits, Inspector } from './file.ts';
import { inspectOffice } from './office.ts';
import { inspectOldOffice } from './old-office.ts';
import { inspectParquet } from './parquet.ts';
import { inspectPdf } from './pdf.ts';
import { inspectPicture } from './pictures.ts';
import { toShowable } from './showable.ts';
import { inspectText } from './texts.ts';

const INSPECTORS: readonly (readonly [RegExp, Inspector])[] = [
  [/^application\/(?:zip|epub\+zip|java-archive|vnd\.android\.package-archive)$/, ofArchive(inspectZip)],
  [/^application\/x-tar$/, ofArchive(inspectTar)],
  [/^application\/(?:gzip|zstd|x-bzip2|x-xz)$/, ofArchive(inspectPacked)],
  [/^application\/x-7z-compressed$/, ofArchive(inspectSevenZip)],
  [/^image\/(?:jpeg|a?png|gif|webp|avif|hei[cf]|tiff|bmp)$/, inspectPicture],
  [/^application\/pdf$/, inspectPdf],
  [/^application\/vnd\.(?:openxmlformats-|oasis\.opendocument\.|ms-.*\.macroenabled\.)/, inspectOffice],
  [/^application\/(?:msword|vnd\.ms-(?:excel|powerpoint|outlook))$/, inspectOldOffice],
  [/^application\/vnd\.apache\.parquet$/, inspectParquet],
  [
    /^text\/|^application\/(?:(?:.*\+)?json|x-ndjson|yaml|toml|x-subrip|(?:.*\+)?xml)$|^image\/svg\+xml$/,
    inspectText,
  ],
];

/** What a look inside has come to: what is known of the file, or why nobody knows more. */
export type Looked = {
  readonly facts: Inspection;
  /** fit to show */
  readonly unsupported?: string;
  /** for the log: what a parser threw at bytes that it did not expect */
  readonly cause?: string;
};

/**
 * Looks into a file by its type; one of a type that nobody here looks into has no facts. Throws only what
 * reading the file throws, which is a fault, and the signal's reason: a parser that fails has met a damaged
 * file, and would fail again.
 */
export async function inspect(
  file: InspectedFile,
  limits: InspectionLimits,
  signal: AbortSignal,
): Promise<Looked> {
  const look = INSPECTORS.find(([types]) => types.test(file.type))?.[1];
  if (look === undefined) return { facts: {} };
  const faults: unknown[] = [];
  try {
    return toLooked(await look(watch(file, faults), limits, signal));
  } catch (error) {
    if (faults.length > 0) throw faults[0];
    signal.throwIfAborted();
    return {
      facts: {},
      unsupported: 'its structure is damaged, so that nobody can look into it',
      cause: error instanceof Error ? (error.stack ?? error.message) : String(error),
    };
  }
}

/** What is told of single files is told of archives, too, so that one word of a policy is for both. */
function ofArchive(inspector: Inspector): Inspector {
  return async (...args) => {
    const { facts, ...more } = await inspector(...args);
    const { 'archive.encrypted': encrypted = false, 'archive.macros': macros = [] } = facts;
    return { facts: { encrypted, macros: Array.isArray(macros) && macros.length > 0, ...facts }, ...more };
  };
}

/** The same file, whose faults are kept to be told from a parser's. */
function watch(file: InspectedFile, faults: unknown[]): InspectedFile {
  const keep = (error: unknown) => {
    faults.push(error);
    throw error;
  };
  return {
    ...file,
    read: (range) => file.read(range).catch(keep),
    async *stream(...range) {
      const chunks = file.stream(...range)[Symbol.asyncIterator]();
      try {
        for (;;) {
          const { value, done } = await chunks.next().catch(keep);
          if (done === true) return;
          yield value;
        }
      } finally {
        await chunks.return?.();
      }
    },
  };
}

/** A limit that is exceeded stands in the facts, so that a row alone tells the verdict. */
function toLooked({ facts, exceeded, unsupported }: Findings): Looked {
  const shown = Object.entries(facts).map(([name, value]) => [
    name,
    typeof value === 'string' ? toShowable(value) : value,
  ]);
  return {
    facts: {
      // First, since what a row has no room for is left out from the end.
      ...(exceeded && {
        exceeded: exceeded.limit,
        'exceeded.found': exceeded.found,
        'exceeded.most': exceeded.most,
      }),
      ...Object.fromEntries(shown),
    },
    ...(unsupported !== undefined && { unsupported: toShowable(unsupported) }),
  };
}
