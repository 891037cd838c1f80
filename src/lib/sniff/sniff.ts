import { type ContentType, familyOf, normaliseContentType } from '../upload/content-types.ts';
import { isJson, isJsonLines } from './json.ts';
import { beginsAsMarkup, findEmbeddedMarkup, toMarkupTypes } from './markup.ts';
import { type Detector, readSignature } from './signature.ts';
import { readText } from './text.ts';

/** How much of an object is looked at, whatever its size. */
export const PREFIX_BYTES = 8192;

/** What the bytes of an object are, whatever anybody said about them. */
export type Sniffed =
  /** `type` is the declared type where the bytes can be taken for it, else the narrowest that they can be taken for. */
  | { readonly kind: 'recognised'; readonly type: string }
  /** A browser could run the bytes. `found` is fit to show; `type` is absent for scripts and for files in disguise. */
  | { readonly kind: 'active'; readonly type?: string; readonly found: string }
  /** Neither a known binary format nor text; `flaw` says why not text, and is fit to show. */
  | { readonly kind: 'unrecognised'; readonly flaw: string };

export type SniffOptions = {
  /** what the client declared; under any alias */
  readonly declaredType: string;
  /** whether the prefix is the whole object */
  readonly isWhole: boolean;
  /** what names binary formats; file-type unless a test says otherwise */
  readonly detect?: Detector;
};

/**
 * Says what an object is from its first bytes, of which it reads PREFIX_BYTES at most.
 * Never throws and always ends, however hostile the bytes. The declared type only chooses between types that the
 * bytes can all be taken for, such as CSV and plain text: it never adds one.
 */
export const sniff = async (bytes: Uint8Array, options: SniffOptions): Promise<Sniffed> => {
  const prefix = bytes.subarray(0, PREFIX_BYTES);
  const isWhole = options.isWhole && prefix.length === bytes.length;
  const declared = normaliseContentType(options.declaredType);
  if (prefix.length === 0) return sniffNothing(declared);

  const latin1 = Buffer.from(prefix.buffer, prefix.byteOffset, prefix.byteLength).toString('latin1');
  const reading = readText(prefix, isWhole);
  if (beginsAsMarkup(latin1)) {
    const type = 'text' in reading ? choose(toMarkupTypes(reading.text), declared) : undefined;
    return { kind: 'active', ...(type !== undefined && { type }), found: 'markup at the start of the file' };
  }
  if ('text' in reading) {
    return { kind: 'recognised', type: choose(toTextTypes(reading.text, isWhole), declared) ?? 'text/plain' };
  }

  const type = choose(await readSignature(prefix, isWhole, options.detect), declared);
  if (type === undefined) return { kind: 'unrecognised', flaw: reading.flaw };
  const embedded = familyOf(type) === 'media' ? findEmbeddedMarkup(latin1) : undefined;
  return embedded === undefined
    ? { kind: 'recognised', type }
    : { kind: 'active', found: `${embedded} inside what looks like ${type}` };
};

const choose = (types: readonly string[], declared: string): string | undefined =>
  types.includes(declared) ? declared : types[0];

/** No bytes are no lines of text, of CSV, of NDJSON; every other format has at least a first byte. */
const sniffNothing = (declared: string): Sniffed =>
  familyOf(declared) === 'text' && declared !== 'application/json'
    ? { kind: 'recognised', type: declared }
    : { kind: 'unrecognised', flaw: 'the file is empty' };

// Formats whose files are made of text but are opened by programs that do more than show it.
const PROGRAMS: readonly (readonly [RegExp, string])[] = [
  [/^%PDF-\d\.\d/, 'application/pdf'],
  [/^%!/, 'application/postscript'],
  [/^\{\\rtf/, 'application/rtf'],
  [/^#!/, 'text/x-shellscript'],
];

const toTextTypes = (text: string, isWhole: boolean): readonly string[] => {
  const program = PROGRAMS.find(([opening]) => opening.test(text))?.[1];
  if (program !== undefined) return [program];
  const plain: readonly ContentType[] = ['text/plain', 'text/markdown', 'text/csv'];
  const json: readonly ContentType[] = isJson(text, isWhole) ? ['application/json'] : [];
  const lines: readonly ContentType[] = isJsonLines(text, isWhole) ? ['application/x-ndjson'] : [];
  // A lone number or word is JSON as well, but nobody would call a column of numbers that.
  return /^\s*[[{]/.test(text) ? [...json, ...lines, ...plain] : [...plain, ...json, ...lines];
};
