const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/**
 * A number of bytes for people, in the messages of the API, at the command line and in the console: `482
 * bytes`, `4.6 MiB`, `25 MiB`; `unknown` for none.
 */
export function toSize(bytes: number | undefined): string {
  if (bytes === undefined) return 'unknown';
  let power = 0;
  // 1023.95 and up would read as 1024.0 of the smaller unit.
  while (power < UNITS.length - 1 && bytes / 1024 ** power >= (power === 0 ? 1024 : 1023.95)) power++;
  if (power === 0) return bytes === 1 ? '1 byte' : `${bytes} bytes`;
  return `${(bytes / 1024 ** power).toFixed(1).replace(/\.0$/, '')} ${UNITS[power]}`;
}

/** The same with every byte told, where the first form rounds. */
export function toExactSize(bytes: number | undefined): string {
  return bytes === undefined || bytes < 1024 ? toSize(bytes) : `${toSize(bytes)} (${bytes} bytes)`;
}
