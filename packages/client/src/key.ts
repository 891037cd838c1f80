/** A key that no other call has. */
export function newKey(): string {
  // Not crypto.randomUUID, which browsers keep from pages that were loaded without TLS.
  return toHex(crypto.getRandomValues(new Uint8Array(16)));
}

/** Two digits for each byte. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
