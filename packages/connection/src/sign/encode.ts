const PLAIN_PATH = /^[\w.~/-]*$/;
const PLAIN_COMPONENT = /^[\w.~-]*$/;
const LEFT_BY_ENCODE_URI = /[!'()*]/g;
const DOT_SEGMENT = /(?:^|\/)\.{1,2}(?:\/|$)/;
const MAX_KEY_BYTES = 1024;

function toPercent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

/**
 * Percent-encodes everything but A-Z a-z 0-9 `-._~`, as Signature Version 4 wants names and values.
 * (`encodeURIComponent` alone follows an older RFC and leaves `!'()*` as they are.)
 *
 * Throws for half a surrogate pair, which has no bytes to encode.
 */
export function encodeComponent(text: string): string {
  if (PLAIN_COMPONENT.test(text)) return text;
  if (!text.isWellFormed()) throw new RangeError('text to be signed must be well-formed Unicode');
  return encodeURIComponent(text).replace(LEFT_BY_ENCODE_URI, toPercent);
}

/**
 * Throws for a key that S3 would refuse (empty, over 1024 bytes, not well-formed Unicode) and for one with a
 * `.` or `..` segment: every URL parser rewrites those, encoded or not, so no client could send a URL with
 * them.
 */
export function checkKey(key: string): void {
  if (key.length === 0) throw new RangeError('an object key must not be empty');
  // A UTF-16 unit takes at most three bytes, so only long keys need be measured.
  if (key.length > MAX_KEY_BYTES / 3 && Buffer.byteLength(key) > MAX_KEY_BYTES) {
    throw new RangeError(`an object key must not exceed ${MAX_KEY_BYTES} bytes`);
  }
  if (!key.isWellFormed()) throw new RangeError('an object key must be well-formed Unicode');
  // The plain search first: most keys have no dot at all.
  if (key.includes('.') && DOT_SEGMENT.test(key)) {
    throw new RangeError('an object key must not have a "." or ".." segment: URL parsers rewrite it');
  }
}

/**
 * Encodes an object key as the path of a URL: slashes kept, nothing normalised, everything else encoded once
 * (S3 alone among AWS's services signs the path as it travels). Throws as `checkKey` does.
 */
export function encodeKey(key: string): string {
  checkKey(key);
  // A literal "%2F" in the key becomes "%252F", which the replacement does not touch.
  return PLAIN_PATH.test(key) ? key : encodeComponent(key).replaceAll('%2F', '/');
}

/**
 * Returns the same text in one piece of memory. V8 keeps a concatenation as a tree and walks it for every
 * hash it goes into: worth undoing once for what goes into all of them (it takes a fifth off a signature).
 */
export function flatten(text: string): string {
  return Buffer.from(text).toString();
}
