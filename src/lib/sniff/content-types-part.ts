/** What a part of an Office package is, by its name; undefined for a part without a type. */
export type PartTypes = {
  readonly typeOf: (partName: string) => string | undefined;
  /** every type that is given to a part by its name */
  readonly named: readonly string[];
};

// Every part has a limit, so that a value made of millions of entities is not decoded.
const TAG =
  /<(\/?)(?:[\w.-]{1,99}:)?([\w.-]{1,99})((?:\s+[\w:.-]{1,99}\s*=\s*(?:"[^"<]{0,4096}"|'[^'<]{0,4096}')){0,16})\s*\/?>/y;
const ATTRIBUTE = /([\w:.-]+)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/g;
const BETWEEN = /[^<]*/y;
const PROLOG = /^\s*(?:<\?xml[^>]*\?>)?/;
const COMMENT = /<!--(?:(?!--)[\s\S])*-->/y;
const ENTITY = /&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([\da-f]{1,6}));/gi;
// No writer needs any.
const ENTITIES_MAX = 1_000;
const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/**
 * Parses `[Content_Types].xml` (ECMA-376 part 2, section 10.1.2); undefined if it is malformed, or gives one
 * part two types. It makes one pass, so its time is linear.
 */
export function parsePartTypes(bytes: Uint8Array): PartTypes | undefined {
  const text = decode(bytes);
  if (text === undefined || text.split('&', ENTITIES_MAX).length === ENTITIES_MAX) return undefined;
  const byExtension = new Map<string, string>();
  const byName = new Map<string, string>();
  let at = PROLOG.exec(text)?.[0].length ?? 0;
  while (at < text.length) {
    BETWEEN.lastIndex = at;
    at += BETWEEN.exec(text)?.[0].length ?? 0;
    if (at === text.length) break;
    COMMENT.lastIndex = at;
    const comment = COMMENT.exec(text)?.[0].length;
    if (comment !== undefined) {
      at += comment;
      continue;
    }
    TAG.lastIndex = at;
    const tag = TAG.exec(text);
    // No instruction, no document type, no CDATA: no writer puts them here, and they could hide a type from
    // one reader.
    if (tag === null) return undefined;
    at += tag[0].length;
    const [, closing, element = '', attributes = ''] = tag;
    if (closing || (element !== 'Default' && element !== 'Override')) continue;
    const values = toValues(attributes);
    const type = values.get('ContentType')?.trim().toLowerCase();
    const name = values.get(element === 'Default' ? 'Extension' : 'PartName');
    if (type === undefined || name === undefined) return undefined;
    const types = element === 'Default' ? byExtension : byName;
    const key = element === 'Default' ? name.toLowerCase() : toPartName(name);
    if ((types.get(key) ?? type) !== type) return undefined;
    types.set(key, type);
  }
  return {
    typeOf: (partName) => {
      const name = toPartName(partName);
      return byName.get(name) ?? byExtension.get(name.slice(name.lastIndexOf('.') + 1));
    },
    named: [...byName.values()],
  };
}

/**
 * Part names are compared without regard to case; some writers leave out the first slash, or write
 * backslashes.
 */
function toPartName(name: string): string {
  return `/${name.replaceAll('\\', '/').replace(/^\/+/, '').toLowerCase()}`;
}

function toValues(attributes: string): ReadonlyMap<string, string> {
  return new Map(
    [...attributes.matchAll(ATTRIBUTE)].map(([, name = '', double, single]) => [
      name,
      (double ?? single ?? '').replace(ENTITY, (entity, named?: string, decimal?: string, hex?: string) => {
        const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
        return named === undefined ? toCharacter(code) : (NAMED[named.toLowerCase()] ?? entity);
      }),
    ]),
  );
}

function toCharacter(code: number): string {
  return code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
}

/** XML is UTF-8 or, with a byte order mark, UTF-16; the standard allows no other encoding here. */
function decode(bytes: Uint8Array): string | undefined {
  const [first, second] = bytes;
  const encoding =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
