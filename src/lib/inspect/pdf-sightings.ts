import type { PdfDictionary, PdfValue, PdfVisitor } from './pdf-object.ts';

/** What was seen in the objects of a PDF. */
export type PdfSightings = {
  javascript: boolean;
  launch: boolean;
  readonly actions: Set<string>;
  opens: boolean;
  xfa: boolean;
  encrypted: boolean;
  embedded: number;
  /** the numbers of objects that are pages */
  readonly pages: Set<number>;
  /** what the root of the pages says of their number */
  said?: number;
  /** the numbers of objects that are done when the file is opened, and of those that do something */
  readonly opened: Set<number>;
  readonly doing: Set<number>;
};

// What an action does beyond showing another place of the same file (ISO 32000-1, table 198).
const BEYOND = new Set(['GoToR', 'GoToE', 'SubmitForm', 'ImportData']);
const DOING = new Set([
  ...BEYOND,
  'JavaScript',
  'Launch',
  'URI',
  'Rendition',
  'RichMediaExecute',
  'Sound',
  'Movie',
  'ResetForm',
]);
// Far more than files have, and little memory.
const MOST_OBJECTS = 200_000;

export function createSightings(): PdfSightings {
  return {
    javascript: false,
    launch: false,
    actions: new Set(),
    opens: false,
    xfa: false,
    encrypted: false,
    embedded: 0,
    pages: new Set(),
    opened: new Set(),
    doing: new Set(),
  };
}

/** Notes what one object has. `number` is absent for trailers, and for objects without one. */
export function createSpotter(seen: PdfSightings, number?: number): PdfVisitor {
  const spotName = (name: string) => {
    if (name === 'JavaScript') seen.javascript = true;
    if (name === 'Launch') seen.launch = true;
    if (BEYOND.has(name)) seen.actions.add(name);
  };
  return {
    // An action's kind can be an object of its own: such a name stands alone.
    name: spotName,
    entry(_, key, value) {
      if (key === 'JS' || key === 'JavaScript') seen.javascript = true;
      // All documents' scripts are run when it is opened.
      if (key === 'JavaScript') seen.opens = true;
      if (key === 'XFA') seen.xfa = true;
      if (key === 'EF' && (value.is === 'dictionary' || value.is === 'reference')) seen.embedded++;
      if (key === 'Encrypt' && (value.is === 'dictionary' || value.is === 'reference')) seen.encrypted = true;
      if (key === 'OpenAction' && value.is === 'reference') seen.opened.add(value.to);
      if (key === 'S' && value.is === 'name') spotName(value.name);
    },
    dictionary(dictionary) {
      const { entries, isTop, key } = dictionary;
      const kind = nameOf(entries.get('S'));
      const isDoing = kind !== undefined && DOING.has(kind);
      if (isDoing && key === 'OpenAction') seen.opens = true;
      // What is done when a page is opened; that of the first is done with the file.
      if (key === 'AA' && (entries.has('O') || entries.has('PO'))) seen.opens = true;
      if (isTop && number !== undefined) spotObject(seen, number, dictionary, isDoing);
    },
  };
}

function spotObject(seen: PdfSightings, number: number, { entries }: PdfDictionary, isDoing: boolean): void {
  if (isDoing && seen.doing.size < MOST_OBJECTS) seen.doing.add(number);
  const type = nameOf(entries.get('Type'));
  if (type === 'Page' && seen.pages.size < MOST_OBJECTS) seen.pages.add(number);
  const count = entries.get('Count');
  if (type === 'Pages' && !entries.has('Parent') && count?.is === 'number') seen.said = count.number;
}

function nameOf(value: PdfValue | undefined): string | undefined {
  return value?.is === 'name' ? value.name : undefined;
}

/** Adds what one object has to what all have; of an object within a stream only what can do harm. */
export function addSightings(all: PdfSightings, one: PdfSightings, isWithin: boolean): void {
  all.javascript ||= one.javascript;
  all.launch ||= one.launch;
  all.xfa ||= one.xfa;
  for (const action of one.actions) all.actions.add(action);
  if (isWithin) return;
  all.opens ||= one.opens;
  all.encrypted ||= one.encrypted;
  all.embedded += one.embedded;
  for (const page of one.pages) all.pages.add(page);
  if (one.said !== undefined) all.said = one.said;
  for (const number of one.opened) all.opened.add(number);
  for (const number of one.doing) all.doing.add(number);
}
