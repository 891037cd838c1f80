import { CHECKSUM_ALGORITHMS, type Checksum } from '../lib/upload/checksum.ts';
import { UsageError } from './complaint.ts';

/** `sha256`, to be computed, or `<algorithm>=<base64>`, known already. Throws UsageError. */
export const toChecksumOption = (text: string | undefined): 'sha256' | Checksum | undefined => {
  if (text === undefined || text === 'sha256') return text;
  // Base64 itself may end in `=`.
  const at = text.indexOf('=');
  const algorithm = CHECKSUM_ALGORITHMS.find((known) => known === text.slice(0, at));
  if (algorithm !== undefined) return { algorithm, value: text.slice(at + 1) };
  throw new UsageError(
    `--checksum must be sha256, or <algorithm>=<base64> with one of ${CHECKSUM_ALGORITHMS.join(', ')}.`,
  );
};

/** `key=value` texts as one object; undefined for none. Throws UsageError. */
export const toMetadata = (texts: readonly string[] = []): Record<string, string> | undefined => {
  const pairs = texts.map((text) => {
    const at = text.indexOf('=');
    if (at < 1) throw new UsageError(`--metadata must be key=value, not "${text}".`);
    return [text.slice(0, at), text.slice(at + 1)] as const;
  });
  const metadata = Object.fromEntries(pairs);
  if (Object.keys(metadata).length < pairs.length) throw new UsageError('--metadata names a key twice.');
  return pairs.length === 0 ? undefined : metadata;
};

/** How the bytes travel. Throws UsageError. */
export const toTransport = (text: string | undefined): 'put' | 'post' | undefined => {
  if (text === undefined || text === 'put' || text === 'post') return text;
  throw new UsageError('--transport must be put or post.');
};
