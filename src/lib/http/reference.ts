const MAX_BYTES = 256;

/** Whether a text may be an app's own id of what a file is for. */
export function isReference(text: string): boolean {
  return text !== '' && text.isWellFormed() && Buffer.byteLength(text) <= MAX_BYTES;
}
