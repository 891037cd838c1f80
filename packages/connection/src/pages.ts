import { ResponseStreamingError } from './errors/answer.ts';

/**
 * Reads a list page by page, for as long as it is read. `markerAfter` gives where the next page begins,
 * undefined after the last. A store whose markers lead back to a page that it has sent already is a
 * `ResponseStreamingError`, not an endless list; an abort ends it between two pages, too.
 *
 * The SDK's paginators are not used: they go by the marker alone, and AWS sends one with the last page of a
 * list of parts as well ("0" where it is empty), so that they never end.
 */
export async function* readPages<Page>(
  read: (marker: string | undefined) => Promise<Page>,
  markerAfter: (page: Page) => string | undefined,
  signal?: AbortSignal,
): AsyncGenerator<Page> {
  let marker: string | undefined;
  // Brent's way to find a circle: one marker is remembered, for twice as many pages each time. A list of a
  // billion keys takes no more memory than one of ten.
  let remembered: string | undefined;
  let pages = 0;
  let until = 1;
  do {
    signal?.throwIfAborted();
    const page = await read(marker);
    yield page;
    marker = markerAfter(page);
    if (marker !== undefined && marker === remembered) {
      throw new ResponseStreamingError({
        message:
          'the list goes round in a circle: the store names a page as the next that it has sent before',
      });
    }
    pages += 1;
    if (pages === until) {
      remembered = marker;
      until *= 2;
    }
  } while (marker !== undefined);
}

/**
 * The marker of an answer that says by itself whether more follows. One that says so and does not say where
 * is a `ResponseStreamingError`: to stop there would take half a list for all of it.
 */
export function markerIfTruncated(
  isTruncated: boolean | undefined,
  marker: string | undefined,
): string | undefined {
  if (isTruncated !== true) return undefined;
  if (marker) return marker;
  throw new ResponseStreamingError({ message: 'the list has more pages, and the store does not say where' });
}
