// What a browser or a server runs. A tag ends as in the WHATWG's list: `<svg` alone appears by chance in one
// of 65,000 compressed files. Two or three characters can be a colour in a palette, or a row of a table:
// after them there has to be the beginning of a statement of the language.
const RUNS = [
  /<script(?=[\s/>])/i,
  /<\?php/i,
  /<\?(?:=\s{0,9}|\s{1,9})@?(?:\$[a-z_]|`[\t\n\r\x20-\x7e]{1,300}`|[a-z_]\w{2,30}\s?\(|(?:echo|print|include|require)\b)/i,
  /<%[=@!]?\s{0,9}[a-z_]\w{2,30}[\s.([;][\t\n\r\x20-\x7e]{0,300}?%>/i,
  // An element with a handler, whatever its name.
  /<[a-z][\w:-]{0,30}(?=[\s/])[^<>]{0,300}?[\s"'/]on[a-z]{3,30}\s{0,9}=/i,
  /(?:href|src|action|data)\s{0,9}=\s{0,9}["']?\s{0,9}javascript:/i,
] as const;

// What makes a page, or leads to another.
const SHOWS =
  /<(?:(?:html|head|body|svg|math|iframe|frameset|object|embed|applet|style|form|base|link|meta)(?=[\s/>])|!doctype html)/i;

/**
 * The first piece of markup that a browser or a server could run and that does not belong there; undefined if
 * there is none. In a picture, any part of a page counts. Sound and film may hold subtitles and notes that
 * are made of markup, so there only what runs counts. XMP, the XML that cameras and editors embed, is
 * neither. Searches the bytes with one character each, and once more without the zeros that UTF-16 has
 * between them.
 * @param latin1 the bytes, one character each
 */
export function findEmbeddedMarkup(latin1: string, isPicture: boolean): string | undefined {
  const patterns = isPicture ? [...RUNS, SHOWS] : RUNS;
  for (const text of latin1.includes('\0') ? [latin1, latin1.replaceAll('\0', '')] : [latin1]) {
    for (const pattern of patterns) {
      const found = pattern.exec(text)?.[0];
      if (found !== undefined) return toLabel(found);
    }
  }
  return undefined;
}

/** Fit to show: the opening of what was found, without what the sender wrote after it. */
function toLabel(found: string): string {
  const [opening = ''] = /^(?:<[?%!]?[a-z=]*|\w+)/i.exec(found) ?? [];
  return `${opening.toLowerCase()}${/\son[a-z]+\s*=$/i.test(found) ? ' with a handler' : ''}`;
}
