import { NetworkError, StorageError } from '@sluice/client/errors';

const MOST_BYTES = 64 * 1024;

/**
 * The beginning of a text file, at most its first 64 KiB, from a presigned address. Text is what it stays: it
 * is never parsed, so that nothing in it can be more than characters.
 */
export async function readPreviewText(url: string, fetch = globalThis.fetch): Promise<string> {
  const response = await fetch(url, { headers: { range: `bytes=0-${MOST_BYTES - 1}` } }).catch(() => {
    throw new NetworkError('The file cannot be reached.');
  });
  if (response.status === 416) return ''; // an empty file has no first byte
  if (!response.ok) throw new StorageError(response.status, 'Unknown', 'The file could not be read.');
  const range = /^bytes 0-(\d+)\/(\d+)$/.exec(response.headers.get('content-range') ?? '');
  const isCut = range !== null && Number(range[1]) + 1 < Number(range[2]);
  // A character may have been cut in two: the decoder keeps what is incomplete at the end to itself.
  const text = decoderOf(response).decode(await response.arrayBuffer(), { stream: true });
  return isCut ? `${text}\n… and so on.` : text;
}

/** Texts that are accepted in another encoding than UTF-8 are served with its name. */
function decoderOf(response: Response): TextDecoder {
  return new TextDecoder(
    /;\s*charset=([\w-]+)/i.exec(response.headers.get('content-type') ?? '')?.[1] ?? 'utf-8',
  );
}
