/** Bytes as text, one character each. */
export const toLatin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');

/** True when the bytes begin with a text, given as one character for each byte. */
export const startsWith = (bytes: Uint8Array, text: string, at = 0): boolean =>
  toLatin1(bytes.subarray(at, at + text.length)) === text;

/** The bytes as numbers of any width; a read beyond their end throws a RangeError. */
export const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
