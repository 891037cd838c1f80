// `@sluice/client/react`: an upload, or a list of them, as the state of a component. There is no markup in
// it.
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import type { Client } from './client.ts';
import type { Source } from './platform.ts';
import type { DownloadResult, Upload } from './resource.ts';
import {
  createUploadList,
  type ListDeps,
  type ListedOptions,
  type ListedUpload,
  type UploadList,
  type UploadStatus,
} from './upload-list.ts';
import type { Uploader } from './uploader.ts';

export type { ListedOptions, ListedUpload, UploadStatus } from './upload-list.ts';

export type UseUploadOptions = ListedOptions & {
  /** called once for each file that is settled: look at the upload's `state` */
  readonly onSettled?: ((upload: Upload, file: Source) => void) | undefined;
};

export type UseUploadsOptions = UseUploadOptions & {
  /** how many files are on their way at once; when absent 3, or more small ones */
  readonly atOnce?: number | undefined;
};

/** What can be done with one file. What makes no sense just now does nothing. */
export type UploadControls = {
  /**
   * Stops it while bytes move. An upload in parts keeps what has arrived; a file in one piece begins from its
   * first byte.
   */
  readonly pause: () => void;
  readonly resume: () => void;
  /** Goes on with what failed, was cancelled or ran out of time, from where it was if that is possible. */
  readonly retry: () => void;
  /** Stops it, and gives it up on the server too unless all bytes are there. */
  readonly cancel: () => void;
};

export type UseUpload = UploadControls & {
  readonly status: 'idle' | UploadStatus;
  readonly file: Source | undefined;
  /** the name that it is uploaded with; `unnamed` for a Blob without one */
  readonly filename: string | undefined;
  /** of the file, read for its checksum while `hashing`, else sent */
  readonly bytes: number;
  readonly totalBytes: number;
  /** as the API told of it last */
  readonly upload: Upload | undefined;
  /** why it failed */
  readonly error: unknown;
  /** Sends a file, instead of the one before. */
  readonly start: (file: Source, options?: ListedOptions) => void;
  /** Forgets the file, and cancels it first if it has not ended. */
  readonly reset: () => void;
};

type Row = ListedUpload &
  UploadControls & {
    /** Takes it out of the list, and cancels it first if it has not ended. */
    readonly remove: () => void;
  };

export type UseUploads = {
  readonly uploads: readonly Row[];
  /**
   * Takes files in, such as an input's `files`. They begin in their order, as many at once as `atOnce` says.
   */
  readonly add: (files: Iterable<Source>, options?: ListedOptions) => void;
  /** Takes out what is settled or cancelled. What failed stays, to be tried again. */
  readonly clear: () => void;
};

/**
 * One upload as the state of a component. When the component goes, the upload stops, and what has arrived of
 * one in parts is kept; none begins without it. What is to outlive a component belongs into one further up in
 * the tree.
 */
export function useUpload(uploader: Uploader, options: UseUploadOptions = {}): UseUpload {
  const { list, views, add } = useList(uploader, options);
  const [current] = views;
  const controls = useMemo(() => {
    const each = (act: (key: string) => void) => () => {
      for (const { key } of list.read()) act(key);
    };
    const reset = each(list.remove);
    return {
      start: (file: Source, more?: ListedOptions) => {
        reset();
        add(file, more);
      },
      reset,
      pause: each(list.pause),
      resume: each(list.resume),
      retry: each(list.retry),
      cancel: each(list.cancel),
    };
  }, [list, add]);
  return useMemo(() => ({ ...(current ?? IDLE), ...controls }), [current, controls]);
}

/**
 * A list of uploads as the state of a component, in the order in which they were added. It ends as
 * `useUpload` does.
 */
export function useUploads(uploader: Uploader, options: UseUploadsOptions = {}): UseUploads {
  const { list, views, add } = useList(uploader, options);
  const controls = useMemo(
    () => ({
      add: (files: Iterable<Source>, more?: ListedOptions) => {
        for (const file of files) add(file, more);
      },
      clear: () => {
        for (const { key, status } of list.read()) if (DONE.has(status)) list.remove(key);
      },
    }),
    [list, add],
  );
  // One row for each view, so that a row whose file stands still is the same object as before.
  const [rows] = useState(() => new WeakMap<ListedUpload, Row>());
  return useMemo(() => {
    const toRow = (view: ListedUpload): Row => {
      const row = rows.get(view) ?? { ...view, ...controlsOf(list, view.key) };
      rows.set(view, row);
      return row;
    };
    return { uploads: views.map(toRow), ...controls };
  }, [list, views, rows, controls]);
}

const IDLE = {
  status: 'idle',
  file: undefined,
  filename: undefined,
  bytes: 0,
  totalBytes: 0,
  upload: undefined,
  error: undefined,
} as const;

// What nobody has to look after any more.
const DONE: ReadonlySet<UploadStatus> = new Set([
  'cancelled',
  'accepted',
  'rejected',
  'expired',
  'aborted',
  'deleted',
]);

// The same one each time: React asks for it again and again on a server.
const NOTHING: readonly ListedUpload[] = [];

function useList(uploader: Uploader, options: UseUploadsOptions) {
  const latest = useRef({ uploader, options });
  useEffect(() => {
    latest.current = { uploader, options };
  });
  const [list] = useState(() => {
    const deps = (): ListDeps => {
      const { atOnce, onSettled } = latest.current.options;
      return { uploader: latest.current.uploader, atOnce, onSettled };
    };
    return createUploadList(deps);
  });
  const holders = useRef(0);
  useEffect(() => {
    holders.current++;
    list.go();
    return () => {
      holders.current--;
      // StrictMode and hot reloading take a component away and bring it back at once: its uploads go on.
      setTimeout(() => holders.current === 0 && list.stop());
    };
  }, [list]);
  const views = useSyncExternalStore(list.subscribe, list.read, () => NOTHING);
  const add = useCallback(
    (file: Source, more?: ListedOptions) => {
      const { atOnce: _, onSettled: __, ...wishes } = latest.current.options;
      list.add(file, { ...wishes, ...more });
    },
    [list],
  );
  return { list, views, add };
}

function controlsOf(list: UploadList, key: string) {
  return {
    pause: () => list.pause(key),
    resume: () => list.resume(key),
    retry: () => list.retry(key),
    cancel: () => list.cancel(key),
    remove: () => list.remove(key),
  };
}

export type UseDownloadsOptions = {
  /** to see the files in the browser, as far as they merely show */
  readonly inline?: boolean | undefined;
};

export type UseDownloads = {
  /** by the id of its upload, where each file can be read or why not; empty until the first answer */
  readonly files: ReadonlyMap<string, DownloadResult>;
  /** why there was no answer; what is known already stays */
  readonly error: unknown;
};

const NONE: ReadonlyMap<string, DownloadResult> = new Map();

// An address is renewed when half of its time is over, as a redirect is. Not more often than this.
const LEAST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 2 ** 31 - 1; // of setTimeout

/**
 * Addresses of files as the state of a component, as for a gallery: all in one call, and again before they
 * end. While the same ids are asked for, nothing is asked twice.
 */
export function useDownloads(
  client: Pick<Client, 'downloads'>,
  ids: readonly string[],
  { inline = false }: UseDownloadsOptions = {},
): UseDownloads {
  const [state, setState] = useState<UseDownloads>({ files: NONE, error: undefined });
  const key = JSON.stringify(ids);
  useEffect(() => {
    const wanted: string[] = JSON.parse(key);
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const load = async (): Promise<void> => {
      let pause = LEAST_PAUSE_MS;
      try {
        const results = await client.downloads(wanted, { inline, signal: stop.signal });
        if (stop.signal.aborted) return;
        setState({ files: new Map(results.map((one) => [one.id, one])), error: undefined });
        pause = pauseFor(results);
      } catch (error) {
        if (stop.signal.aborted) return;
        setState(({ files }) => ({ files, error }));
      }
      timer = setTimeout(load, pause);
    };
    if (wanted.length > 0) void load();
    else setState({ files: NONE, error: undefined });
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [client, key, inline]);
  return state;
}

/** Until half the time of the address that ends first is over. */
function pauseFor(results: readonly DownloadResult[]): number {
  const left = results.flatMap((one) =>
    one.problem === undefined ? [Date.parse(one.expiresAt) - Date.now()] : [],
  );
  return Math.min(LONGEST_PAUSE_MS, Math.max(LEAST_PAUSE_MS, Math.min(...left) / 2));
}
