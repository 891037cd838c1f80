/**
 * `Content-Disposition: attachment` for a name that a stranger chose (RFC 6266, RFC 8187).
 * Always an attachment: a user's file is never rendered on the bucket's own origin.
 */
export function toDisposition(filename: string): string {
  const ascii = filename.replace(/[^\x20-\x7e]|["\\%;]/g, '_');
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encodeExtValue(filename)}`;
}

// RFC 8187 allows fewer characters than encodeURIComponent leaves alone. A lone surrogate has no UTF-8 form.
function encodeExtValue(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
