/** Bytes as text, one character each. */
export function toLatin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** True when the bytes begin with a text, given as one character for each byte. */
export function startsWith(bytes: Uint8Array, text: string, at = 0): boolean {
  return toLatin1(bytes.subarray(at, at + text.length)) === text;
}

/** The bytes as numbers of any width; a read beyond their end throws a RangeError. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
