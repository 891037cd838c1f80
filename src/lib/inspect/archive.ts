import { createFound } from './archive-facts.ts';
import { archiveKindOf } from './archive-kinds.ts';
import {
  HEAD_BYTES,
  isPacked,
  type Look,
  lookIntoPacked,
  lookIntoSevenZip,
  lookIntoTar,
  lookIntoZip,
} from './archive-look.ts';
import type { Findings, InspectedFile, InspectionLimits, Inspector } from './file.ts';
import { createReader, Damage } from './reader.ts';
import { createTally, LimitReached, Unreadable } from './tally.ts';

/** Looks into zip archives and what is made of them. */
export const inspectZip: Inspector = (file, limits, signal) =>
  inspect(file, limits, signal, (look) => lookIntoZip(look, file, { path: '', name: file.name, depth: 1 }));

/** Looks into 7z archives. */
export const inspectSevenZip: Inspector = (file, limits, signal) =>
  inspect(file, limits, signal, (look) =>
    lookIntoSevenZip(look, file, { path: '', name: file.name, depth: 1 }),
  );

/** Looks into tar archives. */
export const inspectTar: Inspector = (file, limits, signal) =>
  inspect(file, limits, signal, async (look) => {
    const reader = createReader(file.stream(), signal);
    try {
      await lookIntoTar(look, reader, { path: '', name: file.name, depth: 1 }, false);
    } finally {
      await reader.close();
    }
  });

/** Looks into gzip, bzip2, xz and Zstandard, and the tar archive that may be in one. */
export const inspectPacked: Inspector = (file, limits, signal) =>
  inspect(file, limits, signal, async (look) => {
    const reader = createReader(file.stream(), signal);
    try {
      const kind = archiveKindOf(await reader.peek(HEAD_BYTES)) ?? 'zstd';
      const place = { path: '', name: file.name, depth: 1 };
      if (!isPacked(kind)) throw new Damage('is not of the kind that its type says');
      await lookIntoPacked(look, kind, reader, place, file.size);
    } finally {
      await reader.close();
    }
  });

async function inspect(
  file: InspectedFile,
  limits: InspectionLimits,
  signal: AbortSignal,
  look: (look: Look) => Promise<void>,
): Promise<Findings> {
  const found = createFound();
  const tally = createTally(file.size, limits);
  try {
    await look({ tally, signal, found });
    return found.toFindings(tally);
  } catch (error) {
    if (error instanceof LimitReached) return found.toFindings(tally, { exceeded: error.exceeded });
    if (error instanceof Damage || error instanceof Unreadable) {
      return found.toFindings(tally, { unsupported: `the archive ${error.message}` });
    }
    throw error;
  }
}
