import { type ContentType, familyOf, normaliseContentType } from '@sluice/contract/content-types';
import type { Charset } from '@sluice/contract/encoding';
import { ownTypeOf } from '@sluice/contract/own-types';
import { toLatin1 } from './bytes.ts';
import { findEmbeddedMarkup } from './embedded.ts';
import { beginsAsMarkup, toMarkupTypes } from './markup.ts';
import { isOwn } from './own.ts';
import { findPage } from './page.ts';
import type { Signature } from './probe.ts';
import { type Detector, readSignature } from './signature.ts';
import { PREFIX_BYTES, type Source } from './source.ts';
import { readText, type TextReading } from './text.ts';
import { toTextTypes } from './text-kinds.ts';
import { readUnmarkedText } from './unmarked-text.ts';
import type { Flaw } from './zip-end.ts';

/** What the bytes of an object are, whatever was declared. */
export type Sniffed =
  /**
   * `type` is the declared type if the bytes can be taken for it, otherwise the narrowest that they can be
   * taken for.
   */
  | {
      readonly kind: 'recognised';
      readonly type: string;
      /** of a text that is not UTF-8 */
      readonly charset?: Charset;
    }
  /**
   * A browser could run the bytes. `found` is fit to show; `type` is absent for scripts and for files in
   * disguise.
   */
  | { readonly kind: 'active'; readonly type?: string; readonly found: string }
  /** Of one of these types, and readable only with a password. */
  | { readonly kind: 'encrypted'; readonly types: readonly string[] }
  /**
   * Neither a known binary format nor text. `flaw` is fit to show, and says why it is not text or, if the
   * file begins like a binary format, why it is not of that format.
   */
  | { readonly kind: 'unrecognised'; readonly flaw: string; readonly beginsAs?: string };

export type SniffOptions = {
  /** what the client declared; under any alias */
  readonly declaredType: string;
  /** names binary formats; file-type, unless a test passes another */
  readonly detect?: Detector;
};

/**
 * Says what an object is, from its first PREFIX_BYTES and, for the few formats that keep their table at the
 * end, from that end. It always ends, however hostile the bytes, and throws only what `read` throws. The
 * declared type only chooses between types that the bytes can all be taken for, such as CSV and plain text:
 * it never adds one.
 */
export async function sniff(source: Source, options: SniffOptions): Promise<Sniffed> {
  const prefix = source.prefix.subarray(0, PREFIX_BYTES);
  const isWhole = prefix.length === source.size;
  const declared = normaliseContentType(options.declaredType);
  if (prefix.length === 0) return sniffNothing(declared);

  const isText = familyOf(declared) === 'text';
  const reading = readText(prefix, isWhole);
  const own = await readOwn({ ...source, prefix }, declared, reading);
  if (typeof own === 'object') return { kind: 'unrecognised', beginsAs: 'application/zip', ...own };
  if ('text' in reading) return sniffText(reading, declared, isWhole, own);
  const latin1 = toLatin1(prefix);
  // If markup was declared, the fault is that it is not UTF-8.
  if (familyOf(declared) === 'markup') return { kind: 'unrecognised', flaw: reading.flaw };
  // A text in another encoding may begin like this; it is checked once it could be read.
  if (!isText && beginsAsMarkup(latin1)) return { kind: 'active', found: MARKUP_FIRST };

  const signature: Signature = own
    ? { types: [declared] }
    : await readSignature({ ...source, prefix }, declared, options.detect);
  if ('flaw' in signature) return { kind: 'unrecognised', ...signature };
  if ('encrypted' in signature) return { kind: 'encrypted', types: signature.encrypted };
  const type = choose(signature.types, declared);
  if (type === undefined) {
    const unmarked = isText ? readUnmarkedText(prefix, isWhole) : reading;
    return 'text' in unmarked
      ? sniffText(unmarked, declared, isWhole, false)
      : { kind: 'unrecognised', flaw: unmarked.flaw };
  }
  return toMediaFlaw(latin1, type) ?? { kind: 'recognised', type };
}

/** Something inside a picture, a sound or a film that runs and does not belong there. */
function toMediaFlaw(latin1: string, type: string): Sniffed | undefined {
  if (familyOf(type) !== 'media') return undefined;
  const embedded = findEmbeddedMarkup(latin1, type.startsWith('image/'));
  return embedded === undefined
    ? undefined
    : { kind: 'active', found: `${embedded} inside what looks like ${type}` };
}

/** Whether a file is of the declared type, if that is one of the deployment's own. */
async function readOwn(source: Source, declared: string, reading: TextReading): Promise<boolean | Flaw> {
  const own = ownTypeOf(declared);
  return own !== undefined && isOwn(own, source, 'text' in reading ? reading.text : '');
}

const MARKUP_FIRST = 'markup at the start of the file';

/**
 * What a text is. If it was declared as text, it may contain markup, since it is served as text; only a page
 * is refused. If it was declared as anything else, it must not begin with markup at all.
 */
function sniffText(
  { text, charset }: Extract<TextReading, { text: string }>,
  declared: string,
  isWhole: boolean,
  isOwnType: boolean,
): Sniffed {
  const isUtf8 = charset === 'utf-8';
  // Markup is accepted only as UTF-8: other decoders could read other tags.
  if (familyOf(declared) === 'markup' && !isUtf8) {
    return { kind: 'unrecognised', flaw: 'the text is UTF-16' };
  }
  const found =
    familyOf(declared) === 'text' ? findPage(text) : beginsAsMarkup(text) ? MARKUP_FIRST : undefined;
  if (found !== undefined) {
    const type = isUtf8 ? choose(toMarkupTypes(text), declared) : undefined;
    return { kind: 'active', ...(type !== undefined && { type }), found };
  }
  const types = [...(isOwnType ? [declared] : []), ...toTextTypes(text, isWhole, isUtf8)];
  const type = choose(types, declared) ?? 'text/plain';
  // Media of the deployment's own may be made of letters.
  return toMediaFlaw(text, type) ?? { kind: 'recognised', type, ...(!isUtf8 && { charset }) };
}

function choose(types: readonly string[], declared: string): string | undefined {
  return types.includes(declared) ? declared : types[0];
}

// An empty file can be one of these; every other format has at least one byte.
const MAY_BE_EMPTY: ReadonlySet<string> = new Set<ContentType>([
  'text/plain',
  'text/markdown',
  'text/csv',
  'text/tab-separated-values',
  'application/x-ndjson',
  'application/yaml',
  'application/toml',
]);

function sniffNothing(declared: string): Sniffed {
  return MAY_BE_EMPTY.has(declared)
    ? { kind: 'recognised', type: declared }
    : { kind: 'unrecognised', flaw: 'the file is empty' };
}
