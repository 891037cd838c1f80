/** What a prefix is as text: the text itself without its byte order mark, or why it is none. */
export type TextReading = { readonly text: string } | { readonly flaw: string };

/**
 * Reads a prefix as UTF-8. A character cut off by the prefix's end is fine when the object goes on.
 * Refused: UTF-16, any other encoding, and control bytes except tab, line feed, form feed and carriage return,
 * which are also the bytes by which the WHATWG MIME Sniffing standard tells binary data from text.
 */
export const readText = (prefix: Uint8Array, isWhole: boolean): TextReading => {
  const [first, second] = prefix;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    return { flaw: 'the text is UTF-16; only UTF-8 is taken' };
  }
  const at = prefix.findIndex(isControl);
  if (at !== -1) return { flaw: `byte ${at} is a control byte, which text does not have` };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(prefix, { stream: !isWhole }) };
  } catch {
    return { flaw: 'the bytes are not valid UTF-8' };
  }
};

const isControl = (byte: number): boolean =>
  byte === 0x7f || (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0c && byte !== 0x0d);
