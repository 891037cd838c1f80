import { SourceError } from './errors.ts';
import type { Source } from './platform.ts';

const STEP_BYTES = 256 * 1024;

/**
 * The bytes of a source, a chunk at a time. Throws SourceError when they cannot be read or are not as many as
 * `size` says: the file was changed, and what was signed for is no longer there.
 */
export async function* chunksOf(source: Source): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  try {
    for await (const chunk of 'arrayBuffer' in source ? readBlob(source) : source.stream()) {
      bytes += chunk.length;
      if (bytes > source.size) break;
      // A Blob in memory comes as one chunk, however big; progress wants smaller steps.
      for (let from = 0; from < chunk.length; from += STEP_BYTES)
        yield chunk.subarray(from, from + STEP_BYTES);
    }
  } catch (cause) {
    if (cause instanceof SourceError) throw cause;
    throw new SourceError(`The file could not be read: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    });
  }
  if (bytes !== source.size) throw new SourceError('The file changed while it was being read.');
}

// Not `for await` over the stream itself: Safari's streams are not iterable.
async function* readBlob(blob: Blob): AsyncGenerator<Uint8Array> {
  const reader = blob.stream().getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel();
  }
}
