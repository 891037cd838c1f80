import type { Exceeded, Findings } from './file.ts';
import { createShownNames, type ShownNames } from './shown.ts';
import { type Tally, toRatio } from './tally.ts';

/** The facts of archives; every archive has them all. */
export const ARCHIVE_FACTS = {
  'archive.entries': { kind: 'number', says: 'Files and folders, those of archives inside included.' },
  'archive.bytes': {
    kind: 'number',
    says: 'Bytes once it is unpacked, those of archives inside included: as counted, not as it says.',
  },
  'archive.ratio': { kind: 'number', says: 'How many times larger it is once it is unpacked.' },
  'archive.depth': { kind: 'number', says: 'How many archives lie within each other; 1 if none is inside.' },
  'archive.encrypted': {
    kind: 'flag',
    says: 'Some of it opens only with a password, and was not looked at.',
  },
  'archive.escapes': {
    kind: 'list',
    says: 'Names and links that lead out of the folder it is unpacked to.',
  },
  'archive.executables': {
    kind: 'list',
    says: 'Programs and scripts, by their names or by their first bytes.',
  },
  'archive.macros': {
    kind: 'list',
    says: 'Office files with macros.',
  },
  'archive.overlaps': {
    kind: 'flag',
    says: 'Some of its files share the same bytes, as those of bombs do.',
  },
  'archive.inconsistent': {
    kind: 'list',
    says: 'What different programs unpack differently, or not at all.',
  },
  'archive.unseen': {
    kind: 'list',
    says: 'What nobody could look into: other kinds of archives, and those too large to hold.',
  },
} as const;

// Each has a reason beside its name.
const REASONS_MAX = 5;

/** What was found on the way through an archive and all that lie within it. */
export type Found = {
  readonly encrypted: () => void;
  readonly overlaps: () => void;
  readonly escapes: ShownNames;
  readonly executables: ShownNames;
  readonly macros: ShownNames;
  readonly inconsistent: ShownNames;
  readonly unseen: ShownNames;
  readonly toFindings: (
    tally: Tally,
    end?: { readonly exceeded?: Exceeded; readonly unsupported?: string },
  ) => Findings;
};

/** Collects what is found, in as much memory as a row has. */
export function createFound(): Found {
  let isEncrypted = false;
  let hasOverlaps = false;
  const escapes = createShownNames();
  const executables = createShownNames();
  const macros = createShownNames();
  const inconsistent = createShownNames(REASONS_MAX);
  const unseen = createShownNames(REASONS_MAX);
  return {
    encrypted() {
      isEncrypted = true;
    },
    overlaps() {
      hasOverlaps = true;
    },
    escapes,
    executables,
    macros,
    inconsistent,
    unseen,
    toFindings(tally, end = {}) {
      const { entries, bytes, depth } = tally.counts();
      return {
        facts: {
          'archive.entries': entries,
          'archive.bytes': bytes,
          'archive.ratio': toRatio(bytes, tally.size),
          'archive.depth': depth,
          'archive.encrypted': isEncrypted,
          'archive.escapes': escapes.list(),
          'archive.executables': executables.list(),
          'archive.macros': macros.list(),
          'archive.overlaps': hasOverlaps,
          'archive.inconsistent': inconsistent.list(),
          'archive.unseen': unseen.list(),
        } satisfies Record<keyof typeof ARCHIVE_FACTS, unknown>,
        ...end,
      };
    },
  };
}
