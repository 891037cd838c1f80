import { createPdfTokens, type PdfToken } from './pdf-tokens.ts';

/** What an entry of a dictionary has: a name, a number, or something else by its kind. */
export type PdfValue =
  | { readonly is: 'name'; readonly name: string }
  | { readonly is: 'number'; readonly number: number }
  | { readonly is: 'reference'; readonly to: number }
  | { readonly is: 'dictionary' | 'array' | 'other' };

/** Called with each entry of each dictionary, however deep, once its value is known. */
export type PdfVisitor = {
  readonly entry: (dictionary: PdfDictionary, key: string, value: PdfValue) => void;
  /** with a name that is no entry's value: of an array, or alone */
  readonly name: (name: string) => void;
  /** at the end of a dictionary, with all its entries */
  readonly dictionary: (dictionary: PdfDictionary) => void;
};

export type PdfDictionary = {
  readonly entries: Map<string, PdfValue>;
  /** names in an array that is an entry's value, such as the filters of a stream */
  readonly arrays: Map<string, string[]>;
  /** the last dictionary under each key, in an array or not */
  readonly inner: Map<string, PdfDictionary>;
  /** whether it is the object itself, and not within it */
  readonly isTop: boolean;
  /** under which the dictionary that it is in has it */
  readonly key?: string;
};

export type PdfObject = {
  /** the dictionary that the object is, if it is one */
  readonly dictionary?: PdfDictionary;
  /** what the object was ended by; `cut` if the bytes end before it does, `value` where there is only one */
  readonly end: 'stream' | 'endobj' | 'cut' | 'value';
  /** the place after that */
  readonly position: number;
};

type Frame = {
  readonly dictionary?: PdfDictionary;
  /** in a dictionary: the key whose value comes; in an array: the key that has the array */
  key?: string;
  /** the key of the last number, which a reference begins with */
  last?: string;
  readonly owner?: PdfDictionary;
};

/** More brackets than any writer nests; deeper ones are read on as if they were at this depth. */
const MOST_DEEP = 256;

/**
 * Reads one object, without building it: what is in its dictionaries goes to the visitor. Never fails: what
 * is no object is read up to the end that it has, since a reader may see something in it.
 * @param isOneValue for streams of objects, which have no words between them
 */
export function readPdfObject(
  bytes: Buffer,
  start: number,
  visitor: PdfVisitor,
  isOneValue = false,
): PdfObject {
  const tokens = createPdfTokens(bytes, start);
  const frames: Frame[] = [{}];
  let dictionary: PdfDictionary | undefined;
  const done = (end: PdfObject['end']): PdfObject => ({
    ...(dictionary && { dictionary }),
    end,
    position: tokens.position(),
  });

  for (;;) {
    const token = tokens.next();
    const frame = frames.at(-1) ?? {};
    if (token.kind === 'end') return done('cut');
    if (token.kind === '<<') {
      const inner: PdfDictionary = {
        entries: new Map(),
        arrays: new Map(),
        inner: new Map(),
        isTop: frames.length === 1,
        ...(frame.dictionary && frame.key !== undefined && { key: frame.key }),
      };
      if (frames.length === 1) dictionary ??= inner;
      if (frame.key !== undefined) (frame.dictionary ?? frame.owner)?.inner.set(frame.key, inner);
      put(frame, { is: 'dictionary' }, visitor);
      if (frames.length < MOST_DEEP) frames.push({ dictionary: inner });
    } else if (token.kind === '[') {
      const { dictionary: owner, key } = frame;
      put(frame, { is: 'array' }, visitor);
      if (frames.length < MOST_DEEP) {
        frames.push({ ...(owner && key !== undefined && { owner, key }) });
      }
    } else if (token.kind === '>>' || token.kind === ']') {
      if (frames.length > 1) frames.pop();
      if (frame.dictionary) visitor.dictionary(frame.dictionary);
    } else if (token.kind === 'word' && (token.text === 'stream' || token.text.startsWith('endobj'))) {
      return done(token.text === 'stream' ? 'stream' : 'endobj');
    } else {
      takePlain(frame, token, visitor);
    }
    if (isOneValue && frames.length === 1) return done('value');
  }
}

function takePlain(frame: Frame, token: PdfToken, visitor: PdfVisitor): void {
  if (token.kind === 'name') {
    if (frame.dictionary && frame.key === undefined) {
      frame.key = token.text;
      return;
    }
    if (frame.dictionary === undefined) {
      visitor.name(token.text);
      if (frame.owner && frame.key !== undefined) {
        const names = frame.owner.arrays.get(frame.key) ?? [];
        frame.owner.arrays.set(frame.key, [...names.slice(0, 15), token.text]);
      }
      return;
    }
    put(frame, { is: 'name', name: token.text }, visitor);
  } else if (token.kind === 'number') {
    put(frame, { is: 'number', number: token.value }, visitor);
  } else if (token.kind === 'word' && token.text === 'R' && frame.dictionary && frame.last !== undefined) {
    // The value was the first of two numbers that name an object.
    const number = frame.dictionary.entries.get(frame.last);
    if (number?.is === 'number') {
      const value: PdfValue = { is: 'reference', to: number.number };
      frame.dictionary.entries.set(frame.last, value);
      visitor.entry(frame.dictionary, frame.last, value);
    }
  } else {
    put(frame, { is: 'other' }, visitor);
  }
}

function put(frame: Frame, value: PdfValue, visitor: PdfVisitor): void {
  const { dictionary, key } = frame;
  if (dictionary === undefined || key === undefined) return;
  // A second entry of the same name: readers differ in which they take.
  dictionary.entries.set(key, value);
  delete frame.key;
  frame.last = key;
  visitor.entry(dictionary, key, value);
}
