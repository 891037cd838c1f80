/** Less than half of what file systems allow for one name. */
const MOST_BYTES = 100;

/**
 * The beginning of a file's name that fits into the name of its draft, whatever is put around it. File
 * systems count bytes: a character may have four.
 */
export function toDraftName(name: string): string {
  let bytes = 0;
  let end = 0;
  for (const character of name) {
    bytes += Buffer.byteLength(character);
    if (bytes > MOST_BYTES) break;
    end += character.length;
  }
  return name.slice(0, end);
}
