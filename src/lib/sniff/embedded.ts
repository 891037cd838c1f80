// What a browser or a server runs. A tag ends as in the WHATWG's list: `<svg` alone turns up by chance in one of 65,000
// compressed files. Two or three characters alone are a colour in a palette, or a row of a table: behind them has to
// stand what begins a statement of the language.
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
 * The first piece of markup that a browser or a server could run, where there is no business for it; undefined when
 * there is none. In a picture that is any part of a page; sound and film may hold subtitles and notes that are made of
 * markup, so that only what runs counts. XMP, the XML that cameras and editors embed, is neither.
 * Looked for in one character for each byte, and once more without the zeros between, which UTF-16 has.
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

/** Fit to show: the opening of what was found, without what the sender wrote behind it. */
function toLabel(found: string): string {
  const [opening = ''] = /^(?:<[?%!]?[a-z=]*|\w+)/i.exec(found) ?? [];
  return `${opening.toLowerCase()}${/\son[a-z]+\s*=$/i.test(found) ? ' with a handler' : ''}`;
}
