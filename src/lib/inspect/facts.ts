import { ARCHIVE_FACTS } from './archive-facts.ts';

/** A fact that inspection can find. */
export type Fact = {
  /** `text` is one line; a `list` has at most ten */
  readonly kind: 'flag' | 'number' | 'text' | 'list';
  /** one line for people */
  readonly says: string;
};

/**
 * Every fact by its name. One that was looked for and not found is `false`, 0 or an empty list; one that is
 * absent was not looked for in a file of this type. `malformed`, `csv.ragged` and what begins with `exceeded`
 * stand only where there is something to tell.
 */
export const INSPECTION_FACTS = {
  encrypted: {
    kind: 'flag',
    says: 'It opens only with a password, or parts of it do.',
  },
  malformed: {
    kind: 'text',
    says: 'Where it stops being what its type says, and how: "line 12: a comma is missing".',
  },

  macros: {
    kind: 'flag',
    says: 'It has macros, or sheets of macros; an archive: a file that has them.',
  },
  external: {
    kind: 'list',
    says: 'The hosts that it loads templates, pictures or objects from by itself, when it is opened.',
  },
  dde: {
    kind: 'flag',
    says: 'It asks another program for data (DDE), which can start that program.',
  },
  embedded: {
    kind: 'number',
    says: 'How many files or objects are embedded in it.',
  },

  'pdf.pages': { kind: 'number', says: 'Its pages.' },
  'pdf.javascript': { kind: 'flag', says: 'It has JavaScript.' },
  'pdf.launch': { kind: 'flag', says: 'It can start a program.' },
  'pdf.actions': {
    kind: 'list',
    says: 'What it can do beyond itself: `GoToR` and `GoToE` open other files, `SubmitForm` sends, `ImportData` reads.',
  },
  'pdf.opens': {
    kind: 'flag',
    says: 'It does something when it is opened, other than showing a page.',
  },
  'pdf.xfa': {
    kind: 'flag',
    says: 'It is a form of XFA, which can carry scripts that are not looked into.',
  },

  ...ARCHIVE_FACTS,

  'picture.width': { kind: 'number', says: 'Pixels across.' },
  'picture.height': { kind: 'number', says: 'Pixels down.' },
  'picture.frames': { kind: 'number', says: 'Pictures in it: frames of an animation, pages of a scan.' },
  'picture.pixels': { kind: 'number', says: 'Width times height, of all frames together.' },
  gps: { kind: 'flag', says: 'It says where it was taken.' },

  encoding: {
    kind: 'text',
    says: 'The encoding of all its bytes: `utf-8`, `utf-16le`, `utf-16be` or `windows-1252`.',
  },
  'csv.rows': { kind: 'number', says: 'Rows, the header included.' },
  'csv.columns': { kind: 'number', says: 'Columns of the first row.' },
  'csv.ragged': {
    kind: 'number',
    says: 'The line of the first row that has more or fewer columns than the first.',
  },
  'csv.formulas': {
    kind: 'number',
    says: 'Cells that a spreadsheet takes for formulas.',
  },
  'json.values': { kind: 'number', says: 'Values at the top: 1, or the lines of NDJSON.' },
  'parquet.rows': { kind: 'number', says: 'Rows.' },
  'parquet.columns': { kind: 'number', says: 'Columns.' },

  exceeded: {
    kind: 'text',
    says: 'The limit at which the look inside ended, such as `pages`. Such a file is always rejected.',
  },
  'exceeded.found': { kind: 'number', says: 'What was found when the look inside ended.' },
  'exceeded.most': { kind: 'number', says: 'What the limit allows.' },
} as const satisfies Readonly<Record<string, Fact>>;
