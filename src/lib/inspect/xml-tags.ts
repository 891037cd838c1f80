/** One tag of XML, or a text between two. */
export type XmlPiece =
  | {
      readonly is: 'tag';
      /** without its prefix; closing tags begin with a slash */
      readonly name: string;
      /** by their names without prefix */
      readonly attributes: ReadonlyMap<string, string>;
    }
  | { readonly is: 'text'; readonly text: string };

// Longer ones are in no part that is read here; what is longer is cut into pieces.
const MOST_CHARACTERS = 256 * 1024;
const ATTRIBUTE = /([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const ENTITY = /&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([\da-f]{1,6}));/gi;
const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
// What is no tag, and where it ends.
const OTHERS: readonly (readonly [string, string])[] = [
  ['<!--', '-->'],
  ['<![CDATA[', ']]>'],
  ['<?', '?>'],
  ['<!', '>'],
];

/**
 * Reads XML as its writers make it, in bounded memory: a piece after the other, in UTF-8 or UTF-16. Holds
 * nothing against the rules of XML; a reader that does sees less.
 */
export async function* readXml(chunks: AsyncIterable<Uint8Array>): AsyncIterable<XmlPiece> {
  let decoder: TextDecoder | undefined;
  let text = '';
  for await (const chunk of chunks) {
    decoder ??= new TextDecoder(toEncoding(chunk));
    text += decoder.decode(chunk, { stream: true });
    text = text.slice(yield* takePieces(text, false));
  }
  yield* takePieces(text, true);
}

function toEncoding([first, second]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  if (second === 0) return 'utf-16le';
  return first === 0 ? 'utf-16be' : 'utf-8';
}

/** The pieces that are whole; how many characters they take. */
function* takePieces(text: string, isAll: boolean): Generator<XmlPiece, number> {
  let at = 0;
  while (at < text.length) {
    const isTag = text[at] === '<';
    const end = isTag ? endOfTag(text, at) : text.indexOf('<', at);
    if (end === -1) {
      if (!isAll && text.length - at < MOST_CHARACTERS) return at;
      yield { is: 'text', text: decodeEntities(text.slice(at)) };
      return text.length;
    }
    const piece = text.slice(at, end);
    at = end;
    if (!isTag) yield { is: 'text', text: decodeEntities(piece) };
    else if (piece.startsWith('<![CDATA[')) yield { is: 'text', text: piece.slice(9, -3) };
    else if (piece[1] !== '!' && piece[1] !== '?') yield toTag(piece);
  }
  return at;
}

function endOfTag(text: string, at: number): number {
  const other = OTHERS.find(([begin]) => text.startsWith(begin, at));
  if (other) {
    const end = text.indexOf(other[1], at + other[0].length);
    return end === -1 ? -1 : end + other[1].length;
  }
  for (let from = at; ; ) {
    const end = text.indexOf('>', from);
    const quote = /["']/g;
    quote.lastIndex = from;
    const opened = quote.exec(text);
    if (opened === null || end === -1 || opened.index > end) return end === -1 ? -1 : end + 1;
    const closed = text.indexOf(opened[0], opened.index + 1);
    if (closed === -1) return -1;
    from = closed + 1;
  }
}

function toTag(piece: string): XmlPiece {
  const [, slash = '', name = ''] = /^<(\/?)(?:[^\s:/>]*:)?([^\s:/>]+)/.exec(piece) ?? [];
  const attributes = new Map<string, string>();
  for (const [, key = '', double, single = ''] of piece.matchAll(ATTRIBUTE)) {
    attributes.set(key.slice(key.indexOf(':') + 1), decodeEntities(double ?? single));
  }
  return { is: 'tag', name: slash + name, attributes };
}

function decodeEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(ENTITY, (_, named: string, decimal: string, hex: string) => {
    if (named) return NAMED[named.toLowerCase()] ?? '';
    const code = decimal ? Number(decimal) : Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : '';
  });
}
