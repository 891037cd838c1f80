import { chunksOf } from './chunks.ts';
import type { CreateHash, Source } from './platform.ts';

/** The base64 digest of all of a source, in bounded memory. `onHashed` tells the bytes read so far. */
export async function hash(
  source: Source,
  create: CreateHash,
  {
    signal,
    onHashed,
  }: { signal?: AbortSignal | undefined; onHashed?: ((bytes: number) => void) | undefined },
): Promise<string> {
  const hashing = create();
  let bytes = 0;
  for await (const chunk of chunksOf(source)) {
    signal?.throwIfAborted();
    hashing.update(chunk);
    bytes += chunk.length;
    onHashed?.(bytes);
  }
  return btoa(String.fromCharCode(...hashing.digest()));
}
