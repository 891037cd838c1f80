import { extensionOf, extensionsOf, normaliseContentType, typeByExtension } from './content-types.ts';
import { isReserved, isRunning } from './running-names.ts';

const MAX_CHARACTERS = 255;

/**
 * What acts on a screen instead of being shown, as the inside of a class of a `u` pattern: control and
 * separator characters, and those that turn the reading direction round.
 */
export const ACTING = '\\p{Cc}\\p{Zl}\\p{Zp}\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069';

const HOSTILE = new RegExp(`[${ACTING}/\\\\]`, 'u');
const EVERY_HOSTILE = new RegExp(HOSTILE, 'gu');

// What leaves no mark on a screen, so that two names look alike that are not: zero-width characters, fillers,
// tags.
const UNSEEN_CLASS = '\\p{Default_Ignorable_Code_Point}\\p{Noncharacter_Code_Point}\\ufff9-\\ufffb';
const UNSEEN = `[${UNSEEN_CLASS}]`;

// Some of them are how words and pictures are written: a variant of the character before (emoji, Han), and
// what joins or parts two letters (Persian, Indic scripts) or two pictures.
const SEEN = `[^\\0-\\x7f${UNSEEN_CLASS}\\p{Z}\\u2800]`;
const WRITTEN = [
  `(?<=${SEEN}|[\\d#*](?=\\ufe0f\\u20e3))\\p{Variation_Selector}`,
  `(?<=${SEEN}\\p{Variation_Selector}?)[\\u200c\\u200d](?=${SEEN})`,
].join('|');
const EVERY_UNSEEN = new RegExp(`(${WRITTEN})|${UNSEEN}`, 'gu');

const BLANK = /[\s\p{Z}\u2800]/u;

/** A name that is no good, by the code of its refusal, with what to do about it. */
export type NameFlaw = {
  readonly code: 'filename_invalid' | 'filename_unsafe' | 'extension_mismatch';
  /** a sentence fit to show */
  readonly detail: string;
};

/**
 * What is wrong with a name whatever the file is: it cannot be shown as it is, or some system would do more
 * with it than keep it. Undefined for a name that can be stored, shown and downloaded as it stands.
 */
export function flawOfName(name: string): NameFlaw | undefined {
  const invalid = (detail: string): NameFlaw => ({ code: 'filename_invalid', detail });
  const unsafe = (detail: string): NameFlaw => ({ code: 'filename_unsafe', detail });
  if (name === '') return invalid('The file name is empty.');
  if (name.length > MAX_CHARACTERS)
    return invalid(`The file name is longer than ${MAX_CHARACTERS} characters. Shorten it.`);
  if (!name.isWellFormed()) return invalid('The file name is not well-formed Unicode. Rename the file.');
  if (HOSTILE.test(name))
    return invalid(
      'The file name holds a control character, a slash, or one that turns the reading direction. Rename the file.',
    );
  if (withoutUnseen(name) !== name)
    return invalid('The file name holds a character that cannot be seen. Rename the file.');
  if (name.startsWith('.'))
    return unsafe(
      'The file name begins with a dot: some systems hide such files, or take settings from them. Rename the file.',
    );
  if (withoutEdges(name) !== name)
    return invalid('The file name begins with a blank, or ends with a blank or a dot. Rename the file.');
  if (name.includes(':'))
    return unsafe('The file name holds a colon, behind which Windows hides another file. Rename the file.');
  if (isReserved(name))
    return unsafe('The file name has a meaning of its own on Windows or a web server. Rename the file.');
  return undefined;
}

/**
 * What is wrong with a name for a file of a type: its extension runs on some system, or stands for another
 * type. What stands for nothing (`report.2024`, `data.v2`) is no extension but part of the name, and is
 * served with one added.
 */
export function flawOfExtension(name: string, type: string): NameFlaw | undefined {
  const extension = extensionOf(name);
  if (extensionsOf(type).includes(extension)) return undefined;
  const remedy = `A file of type ${type} is named ${toList(extensionsOf(type))}.`;
  if (isRunning(extension)) {
    return {
      code: 'filename_unsafe',
      detail: `Files that end in .${extension} can run where they are opened. ${remedy}`,
    };
  }
  const other = typeByExtension(name);
  if (other === undefined) return undefined;
  return { code: 'extension_mismatch', detail: `The extension .${extension} stands for ${other}. ${remedy}` };
}

/**
 * The name that a verified file is downloaded under: its own wherever that may be, with the extension of its
 * type where it has none. Whatever the name, what comes back has no flaw for the type. Repeating it changes
 * nothing.
 */
export function toServedName(name: string, servedType: string): string {
  const own = toFilename(name) ?? 'unnamed';
  const extensions = extensionsOf(normaliseContentType(servedType)); // texts come with a charset
  const [first] = extensions;
  if (first === undefined || extensions.includes(extensionOf(own))) return own;
  return cutBefore(`.${first}`, own);
}

/**
 * The nearest name that `flawOfName` has nothing against, for clients that send a name as they find it and
 * cannot be told to choose another: what is hostile becomes `_`, what cannot be seen goes, what is too long
 * is cut before its extension. The extension stays what it is. Undefined for a name of which nothing is left.
 */
export function toFilename(text: string): string | undefined {
  const visible = withoutUnseen(text.toWellFormed().replace(EVERY_HOSTILE, '_')).replaceAll(':', '_');
  const name = withoutEdges(visible);
  if (name === '') return visible === '' ? undefined : '_';
  const safe = name.startsWith('.') || isReserved(name) ? `_${name}` : name;
  const extension = /\.[^.]{1,16}$/u.exec(safe)?.[0] ?? '';
  return cutBefore(extension, safe.slice(0, safe.length - extension.length));
}

/**
 * A stem and its extension within the limit. What a cut leaves of a character, or at the edge of the name,
 * goes too.
 */
function cutBefore(extension: string, stem: string): string {
  if (stem.length + extension.length <= MAX_CHARACTERS) return stem + extension;
  const cut = stem.slice(0, MAX_CHARACTERS - extension.length).replace(/[\ud800-\udbff]$/, '');
  return withoutEdges(withoutUnseen(cut + extension));
}

function withoutUnseen(text: string): string {
  return text.replace(EVERY_UNSEEN, (_all, written: string | undefined) => written ?? '');
}

// By hand: a pattern would try the end anew from every blank of a name that is made of blanks.
function withoutEdges(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && BLANK.test(text.charAt(start))) start += 1;
  while (end > start && (text.charAt(end - 1) === '.' || BLANK.test(text.charAt(end - 1)))) end -= 1;
  return text.slice(start, end);
}

const MAX_LISTED = 10;

function toList(extensions: readonly string[]): string {
  const dotted = extensions.map((extension) => `.${extension}`);
  const rest = dotted.length - MAX_LISTED;
  const last = rest > 0 ? `one of ${rest} others` : dotted.pop();
  return [dotted.slice(0, MAX_LISTED).join(', '), last].filter(Boolean).join(' or ');
}
