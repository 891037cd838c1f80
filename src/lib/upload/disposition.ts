/**
 * `Content-Disposition` for a name that a stranger chose (RFC 6266, RFC 8187): `attachment` unless it is said
 * otherwise. Files are stored as attachments; what may be shown says so in each address (address.ts).
 */
export function toDisposition(filename: string, kind: 'attachment' | 'inline' = 'attachment'): string {
  const ascii = filename.replace(/[^\x20-\x7e]|["\\%;]/g, '_');
  return `${kind}; filename="${ascii}"; filename*=UTF-8''${encodeExtValue(filename)}`;
}

// RFC 8187 allows fewer characters than encodeURIComponent leaves alone. A lone surrogate has no UTF-8 form.
function encodeExtValue(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
