/**
 * Encodings of text that a policy may take beside UTF-8:
 *
 * - `utf-16`: with a byte order mark, or without one where most of the text is ASCII
 * - `windows-1252`: the ANSI code page of Western Europe and the Americas, and with it ISO 8859-1 (Latin-1),
 *   of which it is a superset in all that is printed
 */
export type Encoding = 'utf-16' | 'windows-1252';

/** What a text is served with. UTF-16 without a byte order mark has to say which end comes first. */
export type Charset = 'utf-8' | 'utf-16' | 'utf-16le' | 'utf-16be' | 'windows-1252';

/** The encoding that a charset is of, as policies name it; undefined for UTF-8, which every policy takes. */
export function toEncoding(charset: Charset): Encoding | undefined {
  if (charset === 'utf-8') return undefined;
  return charset === 'windows-1252' ? charset : 'utf-16';
}
