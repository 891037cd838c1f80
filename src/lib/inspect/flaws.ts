import type { InspectionLimits } from './file.ts';

/**
 * What a file has or does that is refused for a fact, after "it": a policy can reject by these facts, and by
 * no other. They stand apart from what the facts say, which no function needs.
 */
export const FLAWS: Readonly<Record<string, string>> = {
  encrypted: 'is encrypted',
  malformed: 'is malformed',
  macros: 'has macros',
  external: 'loads parts of itself from elsewhere',
  dde: 'asks another program for data',
  embedded: 'has other files embedded in it',
  'pdf.javascript': 'has JavaScript',
  'pdf.launch': 'can start a program',
  'pdf.actions': 'reaches beyond itself',
  'pdf.opens': 'does something when it is opened',
  'pdf.xfa': 'is an XFA form',
  'archive.encrypted': 'has encrypted files in it',
  'archive.escapes': 'has files that leave their folder',
  'archive.executables': 'has programs in it',
  'archive.macros': 'has Office files with macros in it',
  'archive.overlaps': 'has files that overlap',
  'archive.inconsistent': 'contradicts itself',
  'archive.unseen': 'has parts that nobody can look into',
  gps: 'says where it was taken',
  'csv.ragged': 'has rows with different numbers of columns',
  'csv.formulas': 'has cells that spreadsheets run as formulas',
};

/**
 * The limits that stand in a fact, so that a policy that was tightened later can judge by it. The ratio is
 * not one of them: small archives, of which a few lines are repeated, have any.
 */
export const LIMITED_FACTS: Readonly<Record<string, keyof InspectionLimits>> = {
  'archive.entries': 'entries',
  'archive.bytes': 'unpackedBytes',
  'archive.depth': 'depth',
  'picture.pixels': 'pixels',
  'picture.frames': 'frames',
  'pdf.pages': 'pages',
};
