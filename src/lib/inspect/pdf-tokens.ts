/** A token of PDF (ISO 32000-1, section 7.2): what stands between white space and brackets. */
export type PdfToken =
  /** without its slash, with its escapes resolved */
  | { readonly kind: 'name'; readonly text: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'string' }
  | { readonly kind: '<<' | '>>' | '[' | ']' }
  /** of the bytes that there are: more may follow */
  | { readonly kind: 'end' };

export type PdfTokens = {
  readonly next: () => PdfToken;
  /** the place after the last token */
  readonly position: () => number;
};

const WHITE = 1;
const DELIMITER = 2;
const KIND = new Uint8Array(256);
for (const byte of [0, 9, 10, 12, 13, 32]) KIND[byte] = WHITE;
for (const byte of Buffer.from('()<>[]{}/%')) KIND[byte] = DELIMITER;

const END: PdfToken = { kind: 'end' };
const STRING: PdfToken = { kind: 'string' };
const MOST_NAME_BYTES = 256;

/** True for a byte that ends a name, a number or a word. */
export function endsPdfWord(byte: number | undefined): boolean {
  return byte === undefined || KIND[byte] !== 0;
}

/** Reads tokens from a place on. A token that the end of the bytes cuts off is the end. */
export function createPdfTokens(bytes: Buffer, start: number): PdfTokens {
  let at = start;

  const skipWhite = () => {
    for (;;) {
      while (at < bytes.length && KIND[bytes[at] as number] === WHITE) at++;
      if (bytes[at] !== 0x25) return;
      while (at < bytes.length && bytes[at] !== 10 && bytes[at] !== 13) at++;
    }
  };
  const skipString = (): PdfToken => {
    let depth = 0;
    for (; at < bytes.length; at++) {
      const byte = bytes[at];
      if (byte === 0x5c) at++;
      else if (byte === 0x28) depth++;
      else if (byte === 0x29 && --depth === 0) {
        at++;
        return STRING;
      }
    }
    return END;
  };
  const regular = () => {
    const from = at;
    while (at < bytes.length && KIND[bytes[at] as number] === 0) at++;
    return bytes.toString('latin1', from, Math.min(at, from + MOST_NAME_BYTES));
  };

  return {
    position: () => at,
    next() {
      skipWhite();
      const byte = bytes[at];
      if (byte === undefined) return END;
      if (byte === 0x2f) {
        at++;
        return { kind: 'name', text: toPlainName(regular()) };
      }
      if (byte === 0x28) return skipString();
      if (byte === 0x5b || byte === 0x5d) {
        at++;
        return { kind: byte === 0x5b ? '[' : ']' };
      }
      if (byte === 0x3c || byte === 0x3e) {
        if (bytes[at + 1] === byte) {
          at += 2;
          return { kind: byte === 0x3c ? '<<' : '>>' };
        }
        const end = byte === 0x3c ? bytes.indexOf('>', at) : at;
        if (end === -1) return END;
        at = end + 1;
        return STRING;
      }
      if (KIND[byte] === DELIMITER) {
        at++;
        return { kind: 'word', text: String.fromCharCode(byte) };
      }
      const text = regular();
      const isNumber = /^[-+]?(?:\d+\.?\d*|\.\d+)$/.test(text);
      return isNumber ? { kind: 'number', value: Number(text) } : { kind: 'word', text };
    },
  };
}

function toPlainName(name: string): string {
  if (!name.includes('#')) return name;
  return name.replace(/#([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
